"""pad_sequence of torch, lengths as a tensor."""
def length_batches(utterances, batch_size):
    lengths = np.array([len(u) for u in utterances])
    order = np.argsort(lengths, kind="stable")
    out = []
    while len(order):
        now, order = order[:batch_size], order[batch_size:]
        rows = [torch.from_numpy(utterances[i]) for i in now]
        out.append((now, torch.nn.utils.rnn.pad_sequence(rows, batch_first=True), torch.from_numpy(lengths[now])))
    return out
