"""torch, one matrix of transitions in the log domain, float64 throughout.
"""
def forward_backward(log_probs, label, blank=0):
    states = torch.full((2 * len(label) + 1,), blank)
    states[1::2] = torch.tensor(label, dtype=torch.long)
    S = len(states)
    step = torch.arange(S)[None] - torch.arange(S)[:, None]
    allowed = (step == 0) | (step == 1) | ((step == 2) & (states[None] != states[:, None]))
    gate = torch.where(allowed, 0.0, -torch.inf).double()
    log_y = torch.tensor(np.ascontiguousarray(log_probs)).double()[:, states]
    alpha, beta = [log_y[0].where(torch.arange(S) < 2, torch.tensor(-torch.inf).double())], []
    for y in log_y[1:]:
        alpha.append(torch.logsumexp(alpha[-1][:, None] + gate, 0) + y)
    beta.append(log_y[-1].where(torch.arange(S) >= S - 2, torch.tensor(-torch.inf).double()))
    for y in log_y.flip(0)[1:]:
        beta.append(torch.logsumexp(beta[-1][None] + gate, 1) + y)
    return torch.stack(alpha), torch.stack(beta[::-1]), torch.logsumexp(alpha[-1][-2:], 0)
