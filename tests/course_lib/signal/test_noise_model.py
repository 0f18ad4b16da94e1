"""The stochastic part against scipy's Welch estimate, Parseval's sum, and noise whose level is known."""

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import signal

SR = 16000


def noise(samples, seed=0, sigma=1.0):
    return sigma * np.random.default_rng(seed).standard_normal(samples)


@given(st.integers(2, 24), st.sampled_from([512, 513, 1024, 2047]), st.sampled_from([8000.0, 16000.0, 22050.0]))
@settings(max_examples=40, deadline=None)
def test_the_hats_add_up_to_one(bands, n_fft, sr):
    try:
        hats = signal.noise_bands(bands, n_fft, sr).numpy()
    except ValueError as error:
        assert "holds no bin" in str(error)  # noqa: PT017
        return
    assert hats.shape == (bands, n_fft // 2 + 1)
    np.testing.assert_allclose(hats.sum(0), 1, atol=1e-12)
    assert (hats >= 0).all()
    assert ((hats > 0).sum(0) <= 2).all()
    mel = np.linspace(0, 2595 * np.log10(1 + sr / 2 / 700), bands)
    at = np.arange(n_fft // 2 + 1) * sr / n_fft
    triangle = np.interp(at, 700 * (10 ** (mel / 2595) - 1), np.eye(bands)[bands // 2])
    np.testing.assert_allclose(hats[bands // 2], triangle, atol=1e-9)


def test_white_noise_has_its_deviation_in_every_band():
    level = signal.noise_envelope(noise(20 * SR, sigma=0.3), SR, n_fft=1024, hop=512, bands=20)
    assert level.shape == (20, 20 * SR // 512 + 1)
    np.testing.assert_allclose(np.sqrt((level[:, 2:-2] ** 2).mean(1)), 0.3, rtol=0.06)


def test_levels_agree_with_welch():
    x = scipy.signal.lfilter([1.0], [1, -1.2, 0.8], noise(8 * SR))
    level = signal.noise_envelope(x, SR, n_fft=1024, hop=256, bands=16)[:, 4:-4]
    w = signal.window("hann", 1024, dtype=torch.float64).numpy()
    _, density = scipy.signal.welch(x, SR, window=w, nperseg=1024, noverlap=768, detrend=False)
    density = density * SR / 2  # one-sided, per Hz → power of white noise with this density everywhere
    density[[0, -1]] *= 2
    hats = signal.noise_bands(16, 1024, SR).numpy()
    np.testing.assert_allclose(np.sqrt((level**2).mean(1)), np.sqrt(hats @ density / hats.sum(1)), rtol=0.02)


@given(
    st.integers(1, 6000), st.sampled_from([(256, 64), (255, 100), (512, 256)]), st.sampled_from(["float32", "float64"])
)
@settings(max_examples=30, deadline=None)
def test_shapes_dtypes_and_level_of_the_synthesis(samples, sizes, dtype):
    n_fft, hop = sizes
    envelope = torch.full((2, 1, 6, samples // hop + 1), 0.5, dtype=getattr(torch, dtype))
    y = signal.shaped_noise(envelope, SR, n_fft=n_fft, hop=hop, samples=samples, generator=seeded(1))
    assert y.shape == (2, 1, samples)
    assert y.dtype == envelope.dtype
    assert torch.isfinite(y).all()
    if samples > 3000:
        assert float(y.square().mean().sqrt()) == pytest.approx(0.5, rel=0.1)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("n_fft", "hop"), [(128, 64), (127, 40)])
def test_the_power_is_the_sum_over_both_halves_of_the_spectrum(n_fft, hop):
    levels = torch.linspace(0.2, 1.0, 5, dtype=torch.float64)[:, None].expand(5, 3000)
    y = signal.shaped_noise(levels, SR, n_fft=n_fft, hop=hop, generator=seeded(0))
    assert y.shape == (2999 * hop + 1,)
    power = signal.noise_bands(5, n_fft, SR).T @ levels[:, 0].square()
    whole = float(power.sum() + power[1 : (n_fft + 1) // 2].sum()) / n_fft
    assert float(y.square().mean()) == pytest.approx(whole, rel=0.02)


def test_analysis_of_the_synthesis_gives_the_levels_back():
    levels = np.geomspace(0.01, 1.0, 12)[:, None] * (1 + np.sin(np.arange(600) / 60) ** 2)
    y = signal.shaped_noise(levels, SR, n_fft=1024, hop=256, generator=seeded(0))
    again = signal.noise_envelope(y, SR, n_fft=1024, hop=256, bands=12)
    assert isinstance(y, np.ndarray)
    ratio = np.sqrt((again[1:-1] ** 2).mean(1) / (levels[1:-1] ** 2).mean(1))
    np.testing.assert_allclose(ratio, 1, atol=0.12)  # a steep envelope leaks a little into its neighbours


def test_another_hop_is_another_length():
    levels = torch.ones(8, 101)
    assert signal.shaped_noise(levels, SR, n_fft=1024, hop=512, generator=seeded(0)).shape == (51201,)
    assert signal.shaped_noise(levels, SR, n_fft=1024, hop=128, generator=seeded(0)).shape == (12801,)


def test_the_generator_decides():
    levels = torch.ones(8, 20)
    one, same, other = (signal.shaped_noise(levels, SR, generator=seeded(k)) for k in (0, 0, 1))
    assert torch.equal(one, same)
    assert not torch.allclose(one, other)


def test_silence_an_impulse_and_memory_order():
    silence = signal.noise_envelope(torch.zeros(2, 1000), SR, n_fft=512, hop=128, bands=8)
    assert not silence.any()
    assert not signal.shaped_noise(silence, SR, n_fft=512, hop=128, samples=1000).any()
    impulse = np.zeros(1001)
    impulse[512] = 1.0
    level = signal.noise_envelope(impulse, SR, n_fft=512, hop=128, bands=8)
    assert level[:, 4].max() == pytest.approx(level[:, 4].min())  # flat over frequency, short in time
    assert level[:, 7:].max() == 0
    x = torch.from_numpy(noise(3000).reshape(1000, 3)).T
    assert not x.is_contiguous()
    torch.testing.assert_close(
        signal.noise_envelope(x, SR, n_fft=512, hop=128, bands=8)[1],
        signal.noise_envelope(x[1].clone(), SR, n_fft=512, hop=128, bands=8),
    )


def test_gradients():
    x = torch.from_numpy(noise(80)).requires_grad_(True)
    assert torch.autograd.gradcheck(lambda x: signal.noise_envelope(x, SR, n_fft=32, hop=8, bands=3), x)
    levels = (0.5 + torch.rand(3, 6, dtype=torch.float64)).requires_grad_(True)
    assert torch.autograd.gradcheck(
        lambda e: signal.shaped_noise(e, SR, n_fft=32, hop=8, generator=seeded(0)), levels
    )
    quiet = torch.zeros(3, 6, requires_grad=True)
    signal.shaped_noise(quiet, SR, n_fft=32, hop=8).square().sum().backward()
    assert torch.isfinite(quiet.grad).all()


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="at least 2 bands"):
        signal.noise_bands(1, 512, SR)
    with pytest.raises(ValueError, match="holds no bin of n_fft=64"):
        signal.noise_envelope(np.ones(1000), SR, n_fft=64, hop=16, bands=40)
    with pytest.raises(ValueError, match="hop=300 must lie between 1 and n_fft//2 = 256"):
        signal.shaped_noise(np.ones((4, 3)), SR, n_fft=512, hop=300)
