"""0 / 0 for frames far away.

Expect: log-sum-exp
"""
def em_step(x, weights, means, variances):
    difference = x[:, None] - means
    log_density = -0.5 * (np.log(2 * np.pi * variances) + difference**2 / variances).sum(2)
    log_joint = log_density + np.log(weights)
    density = np.exp(log_joint)
    log_p = np.log(density.sum(1, keepdims=True))
    r = density / density.sum(1, keepdims=True)
    owned = r.sum(0)
    new_means = r.T @ x / owned[:, None]
    new_variances = np.einsum("nk,nkd->kd", r, (x[:, None] - new_means) ** 2) / owned[:, None]
    return owned / len(x), new_means, new_variances, log_p.sum()
