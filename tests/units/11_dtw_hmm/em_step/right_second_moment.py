"""The variance as second moment minus the squared mean.
"""
def em_step(x, weights, means, variances):
    mixture = models.GaussianMixture(*(torch.tensor(np.array(a)) for a in (weights, means, variances)))
    frames = torch.tensor(np.array(x))
    new = mixture.updated(mixture.statistics(frames, mixture.responsibilities(frames)))
    return new.weights, new.means, new.variances, mixture.log_prob(frames).sum()
