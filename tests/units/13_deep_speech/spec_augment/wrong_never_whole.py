"""A stretch never covers a whole utterance.

Expect: The bound is min(T, its own length)
"""
def spec_augment(features, lengths, freq_width, time_width, seed):
    rng = np.random.default_rng(seed)
    masked = torch.zeros(features.shape, dtype=torch.bool)
    for row, frames in zip(masked, lengths.tolist()):
        width = int(rng.integers(freq_width + 1))
        first = int(rng.integers(features.shape[2] - width + 1))
        row[:frames, first : first + width] = True
        width = int(rng.integers(min(time_width, frames - 1) + 1))
        first = int(rng.integers(frames - width + 1))
        row[first : first + width] = True
    return features.masked_fill(masked, 0.0)
