"""torch.distributions in float32.
"""
def em_step(x, weights, means, variances):
    x, w, m, v = (torch.tensor(np.ascontiguousarray(a), dtype=torch.float32) for a in (x, weights, means, variances))
    normal = torch.distributions.Independent(torch.distributions.Normal(m, v.sqrt()), 1)
    log_joint = normal.log_prob(x[:, None]) + w.log()
    r = torch.softmax(log_joint, 1)
    owned = r.sum(0)[:, None]
    mean = r.T @ x / owned
    var = (r[:, :, None] * (x[:, None] - mean) ** 2).sum(0) / owned
    return r.mean(0), mean, var, torch.logsumexp(log_joint, 1).sum()
