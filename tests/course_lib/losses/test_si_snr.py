"""SI-SNR against torchmetrics, its invariances, and the hard inputs: silence, constants, float64, one sample."""

import numpy as np
import pytest
import torch

from course_lib.losses import si_snr, si_snr_loss


def signals(*shape, seed=0, dtype=torch.float32):
    return torch.randn(2, *shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


@pytest.mark.parametrize("shape", [(7,), (3, 801), (2, 3, 64)])
@pytest.mark.parametrize("zero_mean", [True, False])
def test_equals_torchmetrics(shape, zero_mean):
    audio = pytest.importorskip("torchmetrics.functional.audio")
    e, r = signals(*shape, dtype=torch.float64)
    want = audio.scale_invariant_signal_distortion_ratio(e + 0.5, r - 0.3, zero_mean=zero_mean)
    torch.testing.assert_close(si_snr(e + 0.5, r - 0.3, zero_mean=zero_mean), want, rtol=1e-6, atol=1e-5)


def test_from_the_angle_between_the_signals():
    e, r = signals(5, 333, dtype=torch.float64)
    e, r = e - e.mean(-1, keepdim=True), r - r.mean(-1, keepdim=True)
    cos2 = (e * r).sum(-1) ** 2 / (e.square().sum(-1) * r.square().sum(-1))
    torch.testing.assert_close(si_snr(e, r), 10 * torch.log10(cos2 / (1 - cos2)), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("gain", [1e-2, -3.0, 40.0])
def test_gain_and_offset_do_not_count(gain):
    e, r = signals(2, 500)
    torch.testing.assert_close(si_snr(gain * e + 0.7, 2 * r - 1), si_snr(e, r), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("db", [-10, 0, 17.5])
def test_orthogonal_noise_of_known_level(db):
    t = np.arange(800)
    r, n = (torch.tensor(f(2 * np.pi * 5 * t / 800)) for f in (np.sin, np.cos))
    assert si_snr(r + n * 10 ** (-db / 20), r).item() == pytest.approx(db, abs=1e-6)


def test_silence_is_finite_and_has_finite_gradients():
    for e, r in ((torch.zeros(100), signals(100)[1]), (signals(100)[0], torch.zeros(100)), (torch.zeros(100),) * 2):
        e = e.clone().requires_grad_(True)
        value = si_snr(e, r)
        value.backward()
        assert torch.isfinite(value)
        assert torch.isfinite(e.grad).all()


def test_gradient_by_finite_differences():
    e, r = signals(2, 23, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x: si_snr(x, r), e.clone().requires_grad_(True))
    assert torch.autograd.gradcheck(lambda x: si_snr_loss(x, r), e.clone().requires_grad_(True))


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="10 samples, the reference 9"):
        si_snr(torch.zeros(10), torch.zeros(9))
