"""Mixtures: deterministic in the step, sum of their parts, right levels, never a test voice in training."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from course_lib.data.two_speakers import KNOWN, TEST_TAKES, TRAIN_TAKES, UNSEEN, TwoSpeakerMixtures


def digits(speakers=("a", "b", "c"), silent=()):
    """Each speaker is a tone of a frequency of their own, so that a source tells who speaks."""
    def take(name, frequency):
        tone = np.sin(2 * np.pi * frequency * np.arange(3001) / 8000).astype(np.float32)
        return SimpleNamespace(speaker=name, audio=lambda: 0 * tone if name in silent else tone)

    return [take(name, 400 + 300 * i) for i, name in enumerate(speakers) for _ in range(3)]


def test_same_step_same_batch_other_step_other_batch():
    make = TwoSpeakerMixtures(digits(), batch=3, seconds=0.51)
    (m, s), (m2, s2), (m3, _) = make(4), make(4), make(5)
    assert m.shape == (3, 4080)
    assert s.shape == (3, 2, 4080)
    assert m.dtype == s.dtype == torch.float32
    assert torch.equal(m, m2)
    assert torch.equal(s, s2)
    assert not torch.equal(m, m3)
    torch.testing.assert_close(s.sum(1), m)


@pytest.mark.parametrize("speed", [(1.0, 1.0), (0.8, 1.25)])
def test_two_different_speakers_at_levels_in_the_range(speed):
    make = TwoSpeakerMixtures(digits(), batch=40, snr_db=(-2.5, 2.5), speed=speed)
    _, s = make(0)
    level = 20 * torch.log10(s.square().mean(-1).sqrt())
    difference = level[:, 0] - level[:, 1]
    assert difference.abs().max() <= 2.5 + 1e-3
    assert difference.max() > 1
    assert difference.min() < -1
    torch.testing.assert_close(level.mean(1), torch.full((40,), -25.0), atol=1e-3, rtol=0)
    if speed == (1.0, 1.0):
        peak = torch.fft.rfft(s).abs().argmax(-1)
        assert (peak[:, 0] != peak[:, 1]).all()
        assert len({tuple(p) for p in peak.tolist()}) == 6   # all ordered pairs occur: the order says nothing


def test_silent_recording_and_too_few_speakers():
    mixture, _ = TwoSpeakerMixtures(digits(silent=("a", "b", "c")))(0)
    assert torch.equal(mixture, torch.zeros_like(mixture))
    with pytest.raises(ValueError, match="at least 3 speakers"):
        TwoSpeakerMixtures(digits(("a", "b")), sources=3)


def test_the_split_has_no_leak():
    assert not set(KNOWN) & set(UNSEEN)
    assert not set(TEST_TAKES) & set(TRAIN_TAKES)
    assert sorted([*KNOWN, *UNSEEN]) == ["george", "jackson", "lucas", "nicolas", "theo", "yweweler"]
