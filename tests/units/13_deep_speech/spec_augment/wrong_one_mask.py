"""One mask for the whole batch.

Expect: draw one for each utterance
"""
def spec_augment(features, lengths, freq_width, time_width, seed):
    rng = np.random.default_rng(seed)
    shortest = int(lengths.min())
    f = int(rng.integers(freq_width + 1))
    f0 = int(rng.integers(features.shape[2] - f + 1))
    t = int(rng.integers(min(time_width, shortest) + 1))
    t0 = int(rng.integers(shortest - t + 1))
    masked = torch.zeros(features.shape, dtype=torch.bool)
    masked[:, t0 : t0 + t] = True
    masked[:, :, f0 : f0 + f] = True
    masked &= (torch.arange(features.shape[1]) < lengths[:, None])[:, :, None]
    return features.masked_fill(masked, 0.0)
