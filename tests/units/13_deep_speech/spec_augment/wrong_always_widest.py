"""Every mask has the largest width.

Expect: the width 0 of a mask
"""
def spec_augment(features, lengths, freq_width, time_width, seed):
    rng = np.random.default_rng(seed)
    bands = features.shape[2]
    masked = torch.zeros(features.shape, dtype=torch.bool)
    for row, frames in zip(masked, lengths.tolist()):
        width = freq_width
        first = int(rng.integers(bands - width + 1))
        row[:frames, first : first + width] = True
        width = min(time_width, frames)
        first = int(rng.integers(frames - width + 1))
        row[first : first + width] = True
    return features.masked_fill(masked, 0.0)
