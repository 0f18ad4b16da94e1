"""DFT, inverse, radix-2 FFT and spectra at any frequency against numpy.fft and scipy's chirp z-transform."""

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import signal

DTYPES = [torch.float32, torch.float64, torch.complex64, torch.complex128]


def noise(*shape, dtype=torch.float64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    kind = torch.complex128 if dtype.is_complex else torch.float64
    return torch.randn(*shape, generator=generator, dtype=kind).to(dtype)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 70), st.sampled_from(DTYPES), st.integers(0, 2**31))
def test_dft_and_idft_are_numpys(size, dtype, seed):
    x = noise(2, size, dtype=dtype, seed=seed)
    want = np.fft.fft(x.numpy().astype(complex))
    X = signal.dft(x)
    assert X.dtype == torch.promote_types(dtype, torch.complex64)
    tolerance = 1e-5 * size if X.dtype == torch.complex64 else 1e-11
    np.testing.assert_allclose(X, want, atol=tolerance)
    np.testing.assert_allclose(signal.idft(x), np.fft.ifft(x.numpy().astype(complex)), atol=tolerance)
    np.testing.assert_allclose(signal.idft(X), x.numpy(), atol=tolerance)
    energy = float(X.abs().square().sum()) / size
    assert energy == pytest.approx(float(x.abs().square().sum()), rel=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9), st.sampled_from(DTYPES), st.integers(0, 2**31))
def test_fft_radix2_is_numpys(power, dtype, seed):
    x = noise(1, 3, 2**power, dtype=dtype, seed=seed)
    X = signal.fft_radix2(x)
    assert X.dtype == torch.promote_types(dtype, torch.complex64)
    np.testing.assert_allclose(X, np.fft.fft(x.numpy()), atol=2e-4 if X.dtype == torch.complex64 else 1e-11)


def test_the_fast_one_is_the_more_precise_one():
    x = noise(4096, dtype=torch.float32)
    exact = torch.fft.fft(x.double())
    errors = [float((f(x).to(exact) - exact).norm() / exact.norm()) for f in (signal.dft, signal.fft_radix2)]
    assert errors[1] < errors[0] < 1e-5
    assert errors[1] < 5e-7


def test_strides_numpy_silence_and_impulse():
    x = noise(8, 3).movedim(0, -1)
    assert not x.is_contiguous()
    for f in (signal.dft, signal.fft_radix2):
        torch.testing.assert_close(f(x), torch.fft.fft(x))
        assert isinstance(f(x.numpy()), np.ndarray)
        assert not f(torch.zeros(8)).any()
        torch.testing.assert_close(f(torch.eye(8)[0]), torch.ones(8) + 0j)


def test_dft_matrix_rows_are_orthogonal_and_exact_far_out():
    M = signal.dft_matrix(15, dtype=torch.complex128)
    torch.testing.assert_close(M @ M.mH, 15 * torch.eye(15) + 0j, check_dtype=False)
    torch.testing.assert_close(signal.dft_matrix(15, inverse=True, dtype=torch.complex128), M.conj() / 15)
    large = signal.dft_matrix(3000)[2999]
    want = np.exp(2j * np.pi * np.arange(3000) / 3000)
    assert np.abs(large.numpy() - want).max() < 1e-6


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 50), st.floats(-2, 2), st.floats(0.001, 0.1), st.integers(1, 9), st.integers(0, 2**31))
def test_dtft_is_scipys_chirp_z(samples, start, step, count, seed):
    x = noise(2, samples, seed=seed)
    want = scipy.signal.czt(x.numpy(), count, np.exp(-2j * np.pi * step), np.exp(2j * np.pi * start))
    f = torch.tensor([start + step * k for k in range(count)], dtype=torch.float64)
    np.testing.assert_allclose(signal.dtft(x, f), want, atol=1e-10)
    np.testing.assert_allclose(signal.dtft(x, 8000 * f, sr=8000), want, atol=1e-8)


def test_zero_padding_reads_the_same_curve():
    x = noise(20)
    padded = torch.fft.fft(x, 64)
    torch.testing.assert_close(signal.dtft(x, torch.arange(64) / 64), padded)


@pytest.mark.parametrize("f", [signal.dft, signal.idft, signal.fft_radix2, lambda x: signal.dtft(x, torch.rand(3))])
def test_gradients(f):
    torch.manual_seed(0)
    frozen = torch.rand(3)
    call = f if f in (signal.dft, signal.idft, signal.fft_radix2) else lambda x: signal.dtft(x, frozen)
    assert torch.autograd.gradcheck(call, noise(2, 8).requires_grad_())


def test_multiplications_follow_the_recursion():
    def count(size):
        return 0 if size == 1 else 2 * count(size // 2) + size // 2

    for power in range(11):
        assert signal.multiplications(2**power) == {"dft": 4**power, "fft": count(2**power)}


@pytest.mark.parametrize(("call", "message"), [
    (lambda: signal.fft_radix2(torch.zeros(6)), "power of two"),
    (lambda: signal.fft_radix2(torch.zeros(0)), "power of two"),
    (lambda: signal.multiplications(12), "power of two"),
    (lambda: signal.dft(torch.zeros(2, 0)), "at least 1"),
])
def test_bad_input_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
