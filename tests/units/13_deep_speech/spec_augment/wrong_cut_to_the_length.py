"""The width is drawn from 0 … T and cut to the utterance.

Expect: blanks whole utterances too often
"""
def spec_augment(features, lengths, freq_width, time_width, seed):
    rng = np.random.default_rng(seed)
    masked = torch.zeros(features.shape, dtype=torch.bool)
    for row, frames in zip(masked, lengths.tolist()):
        width = int(rng.integers(freq_width + 1))
        first = int(rng.integers(features.shape[2] - width + 1))
        row[:frames, first : first + width] = True
        width = min(int(rng.integers(time_width + 1)), frames)
        first = int(rng.integers(frames - width + 1))
        row[first : first + width] = True
    return features.masked_fill(masked, 0.0)
