"""Written into a clone; the width is clipped to the utterance before it is drawn."""
def spec_augment(features, lengths, freq_width, time_width, seed):
    rng = np.random.default_rng(seed)
    out = features.clone()
    for b, n in enumerate(lengths):
        n = int(n)
        t = rng.integers(0, min(time_width, n) + 1)
        t0 = rng.integers(0, n - t + 1)
        f = rng.integers(0, freq_width + 1)
        f0 = rng.integers(0, features.shape[2] - f + 1)
        out[b, t0 : t0 + t, :] = 0
        out[b, :n, f0 : f0 + f] = 0
    return out
