"""The place is drawn first and moved to fit, so wide masks lie at the end too often.

Expect: A place that is drawn first and then moved to fit
"""
def spec_augment(features, lengths, freq_width, time_width, seed):
    rng = np.random.default_rng(seed)
    bands = features.shape[2]
    masked = torch.zeros(features.shape, dtype=torch.bool)
    for row, frames in zip(masked, lengths.tolist()):
        width = int(rng.integers(freq_width + 1))
        first = min(int(rng.integers(bands)), bands - width)
        row[:frames, first : first + width] = True
        width = int(rng.integers(min(time_width, frames) + 1))
        first = min(int(rng.integers(frames)), frames - width)
        row[first : first + width] = True
    return features.masked_fill(masked, 0.0)
