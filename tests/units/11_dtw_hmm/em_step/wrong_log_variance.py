"""The logarithm of the variance is not halved.

Expect: not halved
"""
def em_step(x, weights, means, variances):
    difference = x[:, None] - means
    joint = np.log(weights) - (np.log(2 * np.pi * variances) + 0.5 * difference**2 / variances).sum(2)
    log_p = np.logaddexp.reduce(joint, axis=1)
    r = np.exp(joint - log_p[:, None])
    owned = r.sum(0)
    new_means = r.T @ x / owned[:, None]
    new_variances = np.einsum("nk,nkd->kd", r, (x[:, None] - new_means) ** 2) / owned[:, None]
    return owned / len(x), new_means, new_variances, log_p.sum()
