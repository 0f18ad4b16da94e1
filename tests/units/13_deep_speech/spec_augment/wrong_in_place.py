"""The features are changed in place.

Expect: changed in place
"""
def spec_augment(features, lengths, freq_width, time_width, seed):
    rng = np.random.default_rng(seed)
    for row, n in zip(features, lengths.tolist()):
        f = int(rng.integers(freq_width + 1))
        f0 = int(rng.integers(features.shape[2] - f + 1))
        row[:n, f0 : f0 + f] = 0.0
        t = int(rng.integers(min(time_width, n) + 1))
        t0 = int(rng.integers(n - t + 1))
        row[t0 : t0 + t] = 0.0
    return features
