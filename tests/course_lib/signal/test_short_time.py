"""STFT and inverse against torch.stft, scipy.signal.ShortTimeFFT and the definition; their properties."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import ShortTimeFFT

from course_lib import signal

SIZES = [(64, 16), (64, 24), (63, 20), (65, 32), (16, 16), (1024, 256), (2, 1)]


def noise(*shape, dtype=torch.float64, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


@pytest.mark.parametrize(("n_fft", "hop"), SIZES)
@pytest.mark.parametrize("samples", [1, 7, 1024, 3001])
@pytest.mark.parametrize("pad_mode", ["constant", "reflect"])
def test_stft_is_torch_stft(n_fft, hop, samples, pad_mode):
    if pad_mode == "reflect" and samples <= n_fft // 2:
        with pytest.raises(ValueError, match="longer"):
            signal.stft(noise(samples), n_fft, hop, pad_mode=pad_mode)
        return
    x = noise(2, samples)
    want = torch.stft(x, n_fft, hop, window=torch.hann_window(n_fft, dtype=torch.float64), pad_mode=pad_mode,
                      return_complex=True)
    got = signal.stft(x, n_fft, hop, pad_mode=pad_mode)
    assert got.dtype == torch.complex128
    torch.testing.assert_close(got, want, rtol=0, atol=1e-11)


@pytest.mark.parametrize(("n_fft", "hop"), [(64, 16), (63, 21)])
def test_stft_is_scipy_short_time_fft(n_fft, hop):
    x = noise(1001).numpy()
    window = signal.window("hann", n_fft, dtype=torch.float64).numpy()
    oracle = ShortTimeFFT(window, hop, fs=1.0, fft_mode="onesided", phase_shift=None)
    got = signal.stft(x, n_fft, hop)
    # scipy's slice 0 is centred on sample 0 too, and it begins earlier and ends later.
    want = oracle.stft(x, p0=0, p1=got.shape[-1])
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-11)


def test_stft_is_the_definition():
    n_fft, hop, x = 10, 3, noise(40)
    got = signal.stft(x, n_fft, hop)
    w = signal.window("hann", n_fft, dtype=torch.float64)
    for m in range(got.shape[1]):
        for k in range(got.shape[0]):
            want = 0
            for n in range(n_fft):
                sample = n + m * hop - n_fft // 2
                if 0 <= sample < 40:
                    want = want + w[n] * x[sample] * np.exp(-2j * np.pi * k * n / n_fft)
            assert abs(got[k, m] - want) < 1e-12


def test_stft_without_center_starts_at_sample_zero():
    x = noise(500)
    want = torch.stft(x, 64, 16, window=torch.hann_window(64, dtype=torch.float64), center=False, return_complex=True)
    torch.testing.assert_close(signal.stft(x, 64, 16, center=False), want, rtol=0, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 80), st.data(), st.integers(1, 700), st.integers(0, 2**31))
def test_round_trip_is_exact_wherever_hop_is_at_most_half(n_fft, draw, samples, seed):
    hop = draw.draw(st.integers(1, max(n_fft // 2, 1)))
    x = noise(3, samples, seed=seed)
    back = signal.istft(signal.stft(x, n_fft, hop), hop, n_fft=n_fft, length=samples)
    # The last sample may lie where the squared window is as small as (π/n_fft)^4: round-off grows by its inverse.
    torch.testing.assert_close(back, x, rtol=0, atol=1e-15 * n_fft**4 + 1e-12)


@pytest.mark.parametrize("name", ["hann", "hamming", "blackman", "sqrt_hann", "bartlett", "boxcar"])
def test_round_trip_of_every_window_in_float32(name):
    x = noise(2, 4001, dtype=torch.float32)
    back = signal.istft(signal.stft(x, 256, 64, window=name), 64, window=name, length=4001)
    assert back.dtype == torch.float32
    torch.testing.assert_close(back, x, rtol=0, atol=5e-6)


@pytest.mark.parametrize(("n_fft", "hop"), [(64, 16), (64, 31), (65, 20)])
def test_istft_of_a_changed_stft_is_torch_istft(n_fft, hop):
    X = signal.stft(noise(2, 900), n_fft, hop) * torch.rand(n_fft // 2 + 1, 1, dtype=torch.float64)
    want = torch.istft(X, n_fft, hop, window=torch.hann_window(n_fft, dtype=torch.float64), length=900)
    torch.testing.assert_close(signal.istft(X, hop, n_fft=n_fft, length=900), want, rtol=0, atol=1e-10)


def test_istft_is_the_nearest_signal():
    """No small change of the result brings its STFT (two-sided, so that bins count once) nearer to the given one."""
    n_fft, hop = 16, 4
    Y = signal.stft(noise(64), n_fft, hop) * noise(9, 17, seed=3).abs()

    def distance(x):
        frames = torch.fft.irfft((signal.stft(x, n_fft, hop) - Y).mT, n_fft)
        return frames.square().sum()

    best = signal.istft(Y, hop, length=64)
    least = distance(best)
    for seed in range(20):
        assert distance(best + 1e-3 * noise(64, seed=seed)) > least


def test_linearity_shift_and_parseval():
    x, y = noise(800), noise(800, seed=1)
    X, Y = signal.stft(x, 64, 16), signal.stft(y, 64, 16)
    torch.testing.assert_close(signal.stft(2 * x - 3 * y, 64, 16), 2 * X - 3 * Y)
    later = signal.stft(torch.cat([torch.zeros(32, dtype=torch.float64), x]), 64, 16)
    torch.testing.assert_close(later[:, 6:40], X[:, 4:38])
    frames = signal.frame(torch.nn.functional.pad(x, (32, 32)), 64, 16) * signal.window("hann", 64, dtype=torch.float64)
    twice = X.abs().square()
    energy = (2 * twice.sum(0) - twice[0] - twice[-1]) / 64
    torch.testing.assert_close(energy, frames.square().sum(-1))


def test_a_sine_between_two_hops_peaks_at_its_bin():
    n = torch.arange(4096, dtype=torch.float64)
    X = signal.stft(0.5 * torch.sin(2 * torch.pi * 5 * n / 64), 64, 16).abs()[:, 4:-4]
    assert bool((X.argmax(0) == 5).all())
    torch.testing.assert_close(X[5], torch.full_like(X[5], 0.5 * 32 / 2))


def test_numpy_in_numpy_out_and_awkward_memory():
    x = noise(2, 600).numpy()
    want = signal.stft(torch.from_numpy(x), 64, 16).numpy()
    awkward = {
        "list": x.tolist(), "reversed view": x[:, ::-1][:, ::-1], "strided": np.repeat(x, 2, 1)[:, ::2],
        "fortran": np.asfortranarray(x), "big endian": x.astype(">f8"),
    }
    read_only = x.copy()
    read_only.flags.writeable = False
    for name, value in (awkward | {"read-only": read_only}).items():
        got = signal.stft(value, 64, 16)
        assert isinstance(got, np.ndarray), name
        np.testing.assert_allclose(got, want, atol=1e-5 if name == "list" else 1e-12, err_msg=name)
    assert signal.stft(np.arange(100, dtype=np.int16), 16, 4).dtype == np.complex64


def test_gradients_flow_through_both_ways():
    x = noise(60).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: torch.view_as_real(signal.stft(x, 8, 3)), x)
    assert torch.autograd.gradcheck(lambda x: signal.istft(signal.stft(x, 8, 3) * 1.5, 3, length=60), x)


def test_silence_and_batches():
    assert signal.stft(torch.zeros(2, 3, 400), 64, 16).shape == (2, 3, 33, 26)
    assert not signal.istft(torch.zeros(1, 33, 26, dtype=torch.complex64), 16, length=400).any()
    x = noise(2, 3, 400)
    torch.testing.assert_close(signal.stft(x, 64, 16)[1, 2], signal.stft(x[1, 2], 64, 16))


def test_samples_that_no_frame_reaches_are_zero():
    X = signal.stft(noise(100), 16, 4)
    assert not signal.istft(X, 4, length=200)[120:].any()


@pytest.mark.parametrize(("call", "message"), [
    (lambda: signal.stft(torch.zeros(10, dtype=torch.complex64)), "real"),
    (lambda: signal.stft(torch.zeros(10), 0), "at least 1"),
    (lambda: signal.stft(torch.zeros(10), 16, 0), "at least 1"),
    (lambda: signal.stft(torch.zeros(10), 16, 4, center=False), "do not fill"),
    (lambda: signal.stft(torch.zeros(100), 16, 4, window=torch.ones(8)), "shape"),
    (lambda: signal.stft(torch.zeros(100), 16, 4, window="han"), "unknown window"),
    (lambda: signal.stft(torch.zeros(100), 16, 4, pad_mode="edge"), "pad_mode"),
    (lambda: signal.istft(torch.zeros(9, 4)), "complex"),
    (lambda: signal.istft(torch.zeros(9, 4, dtype=torch.complex64), 16), "NOLA"),
    (lambda: signal.istft(torch.zeros(9, 4, dtype=torch.complex64), 4, n_fft=20), "bins"),
])
def test_bad_input_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_axes_in_seconds_and_hertz():
    assert signal.frame_times(3, 160, 16000).tolist() == pytest.approx([0, 0.01, 0.02])
    assert signal.bin_frequencies(4, 8000).tolist() == [0, 2000, 4000]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_the_same_on_a_gpu():
    x = noise(2, 5000, dtype=torch.float32)
    X = signal.stft(x.cuda())
    torch.testing.assert_close(X.cpu(), signal.stft(x), rtol=0, atol=1e-4)
    torch.testing.assert_close(signal.istft(X, length=5000).cpu(), x, rtol=0, atol=1e-5)
