"""Variances are kept above 0.1.

Expect: very small variances
"""
def em_step(x, weights, means, variances):
    difference = x[:, None] - means
    joint = np.log(weights) - 0.5 * (np.log(2 * np.pi * variances) + difference**2 / variances).sum(2)
    log_p = np.logaddexp.reduce(joint, axis=1)
    r = np.exp(joint - log_p[:, None])
    owned = r.sum(0)
    new_means = r.T @ x / owned[:, None]
    new_variances = np.einsum("nk,nkd->kd", r, (x[:, None] - new_means) ** 2) / owned[:, None]
    return owned / len(x), new_means, np.maximum(new_variances, 0.1), log_p.sum()
