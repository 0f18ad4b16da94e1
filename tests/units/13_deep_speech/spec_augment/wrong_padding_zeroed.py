"""The padding is set to zero too.

Expect: the padding is set to zero
"""
def spec_augment(features, lengths, freq_width, time_width, seed):
    rng = np.random.default_rng(seed)
    masked = torch.zeros(features.shape, dtype=torch.bool)
    for row, frames in zip(masked, lengths.tolist()):
        width = int(rng.integers(freq_width + 1))
        first = int(rng.integers(features.shape[2] - width + 1))
        row[:frames, first : first + width] = True
        width = int(rng.integers(min(time_width, frames) + 1))
        first = int(rng.integers(frames - width + 1))
        row[first : first + width] = True
    masked |= (torch.arange(features.shape[1]) >= lengths[:, None])[:, :, None]
    return features.masked_fill(masked, 0.0)
