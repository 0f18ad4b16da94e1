"""The band is masked in the padding too.

Expect: beyond the end of an utterance
"""
def spec_augment(features, lengths, freq_width, time_width, seed):
    rng = np.random.default_rng(seed)
    bands = features.shape[2]
    masked = torch.zeros(features.shape, dtype=torch.bool)
    for row, frames in zip(masked, lengths.tolist()):
        width = int(rng.integers(freq_width + 1))
        first = int(rng.integers(bands - width + 1))
        row[:, first : first + width] = True
        width = int(rng.integers(min(time_width, frames) + 1))
        first = int(rng.integers(frames - width + 1))
        row[first : first + width] = True
    return features.masked_fill(masked, 0.0)
