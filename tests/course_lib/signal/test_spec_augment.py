"""SpecAugment: the law of the masks beside torchaudio's, the end of an utterance, no change in place, the time warp."""

import numpy as np
import pytest
import torch

from course_lib.signal.spec_augment import draw_span, spec_augment, time_warped

ONE = {"freq_masks": 1, "freq_width": 6, "time_masks": 0}


def test_widths_and_places_are_uniform():
    rng = np.random.default_rng(0)
    spans = np.array([draw_span(4, 9, rng) for _ in range(20000)])
    widths = spans[:, 1] - spans[:, 0]
    np.testing.assert_allclose(np.bincount(widths, minlength=5) / 20000, 0.2, atol=0.015)
    for width in range(1, 5):
        first = spans[widths == width, 0]
        share = np.bincount(first, minlength=10 - width) / len(first)
        np.testing.assert_allclose(share, 1 / (10 - width), atol=0.025)


def test_widths_are_those_of_torchaudio_with_a_parameter_larger_by_one():
    """torchaudio draws a real width below F and rounds it down: its F + 1 is the F of the paper."""
    from torchaudio.functional import mask_along_axis_iid

    torch.manual_seed(0)
    x = torch.ones(6000, 1, 10, 20)
    theirs = (mask_along_axis_iid(x, 7, 0.0, 3) == 0).all(2).sum(-1).flatten()
    ours = spec_augment(x[:, 0], torch.full((6000,), 10), np.random.default_rng(0), **ONE).eq(0).all(1).sum(1)
    shares = [np.bincount(widths.numpy(), minlength=7) / 6000 for widths in (theirs, ours)]
    np.testing.assert_allclose(shares[0], shares[1], atol=0.03)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_padding_and_input_stay(dtype):
    x = torch.rand(30, 40, 12, dtype=dtype) + 1
    before, lengths = x.clone(), torch.arange(10, 40)
    out = spec_augment(x, lengths, np.random.default_rng(1), freq_width=12, time_width=40, time_share=1.0, warp=3)
    assert out.dtype == dtype
    assert torch.equal(x, before)
    for row, plain, n in zip(out, x, lengths, strict=True):
        assert torch.equal(row[n:], plain[n:])
    assert (out == 0).any()


def test_utterances_have_masks_of_their_own_and_a_share_limits_them():
    x, lengths = torch.ones(50, 100, 8), torch.full((50,), 100)
    out = spec_augment(x, lengths, np.random.default_rng(2), freq_masks=0, time_masks=1, time_width=90, time_share=0.1)
    frames = out.eq(0).all(2)
    assert frames.sum(1).max() <= 10
    assert (frames != frames[0]).any()


def runs(places):
    """Number of separate stretches of True."""
    return int(torch.diff(places.int(), prepend=torch.zeros(1, dtype=torch.int32)).eq(1).sum())


def test_there_are_as_many_masks_as_asked_and_they_hold_the_fill():
    x, lengths = torch.ones(40, 60, 60), torch.full((40,), 60)
    for bands, frames in ((3, 1), (1, 3), (0, 2), (2, 0)):
        out = spec_augment(x, lengths, np.random.default_rng(3), freq_masks=bands, freq_width=6, time_masks=frames,
                           time_width=6, time_share=1.0, fill=-7.0)
        assert set(out.unique().tolist()) == {-7.0, 1.0}
        blank = out.eq(-7.0)
        assert max(runs(b) for b in blank.all(1)) == bands
        assert max(runs(b) for b in blank.all(2)) == frames


def test_the_share_is_that_of_each_utterance():
    x, lengths = torch.ones(200, 100, 8), torch.tensor([100, 20]).repeat(100)
    out = spec_augment(x, lengths, np.random.default_rng(4), freq_masks=0, time_masks=1, time_width=90, time_share=0.2)
    widest = out.eq(0).all(2).sum(1)
    assert widest[0::2].max() == 20
    assert widest[1::2].max() == 4


def test_the_warp_is_part_of_the_whole_and_goes_both_ways():
    ramp = torch.arange(50.0)[None, :, None].repeat(100, 1, 8)
    lengths, off = torch.full((100,), 50), {"freq_masks": 0, "time_masks": 0}
    assert torch.equal(spec_augment(ramp, lengths, np.random.default_rng(0), **off), ramp)
    moved = spec_augment(ramp, lengths, np.random.default_rng(0), warp=5, **off) - ramp
    largest = moved.flatten(1).max(1).values, moved.flatten(1).min(1).values
    assert largest[0].max() > 3
    assert largest[1].min() < -3


def test_gradients_pass_where_nothing_is_masked():
    x = torch.rand(2, 9, 5, dtype=torch.float64, requires_grad=True)
    out = spec_augment(x, torch.tensor([9, 4]), np.random.default_rng(0), freq_width=3, time_width=3)
    out.sum().backward()
    assert torch.equal(x.grad, (out != 0).double())


def test_the_time_warp_keeps_both_ends_and_moves_the_middle():
    ramp = torch.arange(50.0)[None, :, None].repeat(20, 1, 2)
    out = time_warped(ramp, torch.full((20,), 40), 5, np.random.default_rng(0))
    assert torch.equal(out[:, 40:], ramp[:, 40:])
    torch.testing.assert_close(out[:, [0, 39]], ramp[:, [0, 39]])
    assert (out[:, :40].diff(dim=1) >= 0).all()
    assert 1 < (out - ramp).abs().max() <= 5
    short = time_warped(ramp[:, :8], torch.full((20,), 8), 5, np.random.default_rng(0))
    assert torch.equal(short, ramp[:, :8])


def test_bad_widths_are_told():
    x = torch.ones(1, 4, 3)
    with pytest.raises(ValueError, match="does not fit"):
        spec_augment(x, torch.tensor([4]), np.random.default_rng(0), freq_width=4)
    with pytest.raises(ValueError, match="negative"):
        spec_augment(x, torch.tensor([4]), np.random.default_rng(0), freq_width=1, time_width=-1)
