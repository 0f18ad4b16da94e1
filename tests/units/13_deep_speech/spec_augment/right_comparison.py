"""Widths and places of all utterances at once, by comparison."""
def spec_augment(features, lengths, freq_width, time_width, seed):
    rng, count = np.random.default_rng(seed), lengths.numpy()
    batch, frames, bands = features.shape
    f_width = rng.integers(0, freq_width, batch, endpoint=True)
    f_first = rng.integers(0, bands - f_width, endpoint=True)
    t_width = rng.integers(0, np.minimum(time_width, count), endpoint=True)
    t_first = rng.integers(0, count - t_width, endpoint=True)
    band, frame = np.arange(bands), np.arange(frames)
    in_band = (band >= f_first[:, None]) & (band < (f_first + f_width)[:, None])
    in_frame = (frame >= t_first[:, None]) & (frame < (t_first + t_width)[:, None])
    inside = frame < count[:, None]
    keep = ~(inside[:, :, None] & (in_band[:, None, :] | in_frame[:, :, None]))
    return features * torch.from_numpy(keep).to(features.dtype)
