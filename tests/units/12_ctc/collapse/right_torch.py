"""torch.unique_consecutive.
"""
def collapse(path, blank=0):
    symbols = torch.unique_consecutive(torch.tensor(path, dtype=torch.long))
    return symbols[symbols != blank].tolist()
