"""Equal lengths are turned round.

Expect: equal lengths keep their order
"""
def length_batches(utterances, batch_size):
    order = sorted(range(len(utterances)), key=lambda i: (len(utterances[i]), -i))
    batches = []
    for first in range(0, len(order), batch_size):
        members = order[first : first + batch_size]
        lengths = [len(utterances[i]) for i in members]
        longest = max(lengths)
        padded = np.stack([np.pad(u, ((0, longest - len(u)), (0, 0))) for u in (utterances[i] for i in members)])
        batches.append((members, padded, lengths))
    return batches
