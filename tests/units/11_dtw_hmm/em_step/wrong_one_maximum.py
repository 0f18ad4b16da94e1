"""One maximum for all frames is subtracted before the exponential.

Expect: the largest of each frame
"""
def em_step(x, weights, means, variances):
    difference = x[:, None] - means
    joint = np.log(weights) - 0.5 * (np.log(2 * np.pi * variances) + difference**2 / variances).sum(2)
    top = joint.max()
    log_p = top + np.log(np.exp(joint - top).sum(1))
    r = np.exp(joint - log_p[:, None])
    owned = r.sum(0)
    new_means = r.T @ x / owned[:, None]
    new_variances = np.einsum("nk,nkd->kd", r, (x[:, None] - new_means) ** 2) / owned[:, None]
    return owned / len(x), new_means, new_variances, log_p.sum()
