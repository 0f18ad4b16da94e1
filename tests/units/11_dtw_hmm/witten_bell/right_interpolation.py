"""Weights of interpolation, in torch and float32.
"""
def witten_bell(strings, classes):
    counts = torch.zeros(classes, classes)
    for string in strings:
        padded = torch.tensor([0, *string, 0])
        counts.index_put_((padded[:-1], padded[1:]), torch.ones(len(padded) - 1), accumulate=True)

    def smooth(c, below):
        total, kinds = c.sum(-1, keepdim=True), (c > 0).sum(-1, keepdim=True)
        share = torch.where(total > 0, total / (total + kinds).clamp_min(1), torch.zeros_like(total))
        return share * c / total.clamp_min(1) + (1 - share) * below

    return smooth(counts, smooth(counts.sum(0), torch.full((classes,), 1 / classes)))
