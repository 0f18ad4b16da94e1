"""The width of the band is drawn once for the whole batch.

Expect: draw a width for each utterance
"""
def spec_augment(features, lengths, freq_width, time_width, seed):
    rng = np.random.default_rng(seed)
    masked = torch.zeros(features.shape, dtype=torch.bool)
    band = int(rng.integers(freq_width + 1))
    for row, frames in zip(masked, lengths.tolist()):
        first = int(rng.integers(features.shape[2] - band + 1))
        row[:frames, first : first + band] = True
        width = int(rng.integers(min(time_width, frames) + 1))
        first = int(rng.integers(frames - width + 1))
        row[first : first + width] = True
    return features.masked_fill(masked, 0.0)
