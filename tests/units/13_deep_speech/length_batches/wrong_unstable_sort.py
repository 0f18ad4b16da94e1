"""An unstable sort: equal lengths come in another order.

Expect: equal lengths keep their order
"""
def length_batches(utterances, batch_size):
    order = sorted(range(len(utterances)), key=lambda i: (len(utterances[i]), -(i * i % 8)))
    batches = []
    for first in range(0, len(order), batch_size):
        members = order[first : first + batch_size]
        lengths = [len(utterances[i]) for i in members]
        padded = np.zeros((len(members), max(lengths), utterances[0].shape[1]), utterances[0].dtype)
        for row, i in zip(padded, members):
            row[: len(utterances[i])] = utterances[i]
        batches.append((members, padded, lengths))
    return batches
