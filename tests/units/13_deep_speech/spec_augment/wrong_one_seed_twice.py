"""Bands and frames have a generator each, with the same seed.

Expect: the same random numbers were used for both
"""
def spec_augment(features, lengths, freq_width, time_width, seed):
    for_bands, for_frames = np.random.default_rng(seed), np.random.default_rng(seed)
    masked = torch.zeros(features.shape, dtype=torch.bool)
    for row, frames in zip(masked, lengths.tolist()):
        width = int(for_bands.integers(freq_width + 1))
        first = int(for_bands.integers(features.shape[2] - width + 1))
        row[:frames, first : first + width] = True
        width = int(for_frames.integers(min(time_width, frames) + 1))
        first = int(for_frames.integers(frames - width + 1))
        row[first : first + width] = True
    return features.masked_fill(masked, 0.0)
