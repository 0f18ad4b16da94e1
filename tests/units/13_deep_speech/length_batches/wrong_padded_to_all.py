"""Every batch is padded to the longest of all.

Expect: the longest of all
"""
def length_batches(utterances, batch_size):
    order = sorted(range(len(utterances)), key=lambda i: len(utterances[i]))
    batches = []
    for first in range(0, len(order), batch_size):
        members = order[first : first + batch_size]
        lengths = [len(utterances[i]) for i in members]
        longest = max(map(len, utterances))
        padded = np.stack([np.pad(u, ((0, longest - len(u)), (0, 0))) for u in (utterances[i] for i in members)])
        batches.append((members, padded, lengths))
    return batches
