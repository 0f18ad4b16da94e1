"""A batch of zeros that is filled."""
def length_batches(utterances, batch_size):
    ranked = [i for _, i in sorted((len(u), i) for i, u in enumerate(utterances))]
    out = []
    for k in range((len(ranked) + batch_size - 1) // batch_size):
        members = ranked[k * batch_size : (k + 1) * batch_size]
        lengths = [utterances[i].shape[0] for i in members]
        batch = np.zeros((len(members), lengths[-1], utterances[0].shape[1]), dtype=np.float32)
        for row, i in zip(batch, members):
            row[: len(utterances[i])] = utterances[i]
        out.append([members, batch, np.array(lengths)])
    return out
