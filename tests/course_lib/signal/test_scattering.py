"""Scattering against whole convolutions, and by its defining properties."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import nn as course_nn
from course_lib import signal


def by_definition(x, J, Q, order=2, margin=24):
    """Whole circular convolutions at the full rate, in numpy, with far more zeros around."""
    n = (-(-len(x) // 2**J) + margin) * 2**J
    first, second = signal.morlet_bank(n, J, Q), signal.morlet_bank(n, J, 1)
    phi, rows = first.low_pass.numpy(), []
    for path in signal.scattering_paths(J, Q, order=order):
        u = np.concatenate([x, np.zeros(n - len(x))])
        for k, i in enumerate(path.wavelets):
            psi = (first, second)[k].wavelets[i].numpy()
            u = np.abs(np.fft.ifft(np.fft.fft(u) * psi))
        rows.append(np.fft.ifft(np.fft.fft(u) * phi).real[:: 2**J][: len(x) // 2**J + 1])
    return np.array(rows)


def energy(S, J):
    return 2**J * S.double().square().sum()


@pytest.mark.parametrize(("J", "Q", "samples"), [(5, 1, 1001), (6, 8, 3000), (8, 4, 4097), (3, 2, 8), (10, 8, 1024)])
def test_it_is_the_definition(J, Q, samples):
    x = np.random.default_rng(J).standard_normal(samples)
    ours, want = signal.scattering(x, J, Q), by_definition(x, J, Q)
    assert ours.shape == want.shape == (len(signal.scattering_paths(J, Q)), samples // 2**J + 1)
    assert np.linalg.norm(ours - want) < 2e-3 * np.linalg.norm(want)


@given(st.integers(64, 900), st.integers(1, 6), st.integers(1, 8), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_contraction(samples, J, Q, seed):
    generator = torch.Generator().manual_seed(seed)
    x, y = torch.randn(2, samples, generator=generator, dtype=torch.float64)
    if seed % 3 == 0:
        y = x + 0.1 * y
    difference = signal.scattering(x, J, Q) - signal.scattering(y, J, Q)
    assert energy(difference, J) <= (1 + 2e-3) * (x - y).square().sum()


def test_energy_is_kept_within_the_frame_bound():
    J, Q, n = 8, 8, 2**15
    x = torch.zeros(n, dtype=torch.float64)
    x[n // 4 : 3 * n // 4] = torch.randn(n // 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    paths = signal.scattering_paths(J, Q)
    S = signal.scattering(x, J, Q)
    by_order = [energy(S[[p.order == k for p in paths]], J) / x.square().sum() for k in range(3)]
    # What is missing: α of each layer (13 % at Q = 8, 27 % at Q = 1), and the third order.
    assert 0.75 < sum(by_order) <= 1
    assert by_order[1] > by_order[2] > by_order[0]


def test_shift_by_a_hop_shifts_the_frames():
    J, Q = 6, 4
    x = torch.zeros(64 * 60, dtype=torch.float64)
    x[1000:2000] = torch.randn(1000, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    S, moved = signal.scattering(x, J, Q), signal.scattering(x.roll(3 * 64), J, Q)
    torch.testing.assert_close(moved[..., 3:], S[..., :-3], rtol=0, atol=1e-3 * float(S.max()))


def test_a_small_shift_hardly_matters_and_a_warp_costs_its_size():
    J, Q, sr = 10, 8, 8000
    t = torch.arange(2 * sr) / sr
    x = torch.sin(2 * torch.pi * 3000 * t) * torch.hann_window(2 * sr)
    S = signal.scattering(x, J, Q)
    for shift, most in ((8, 0.02), (64, 0.1)):
        assert (signal.scattering(x.roll(shift), J, Q) - S).norm() < most * S.norm()
    fourier = torch.fft.rfft(x).abs()
    for eps in (0.005, 0.02):
        y = signal.time_warp(x, eps * torch.arange(2 * sr))
        ours = (signal.scattering(y, J, Q) - S).norm() / S.norm()
        theirs = (torch.fft.rfft(y).abs() - fourier).norm() / fourier.norm()
        assert ours < 25 * eps
        assert theirs > 1.2
        if eps == 0.005:
            assert ours < 0.1 * theirs


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype_silence_impulse_batch_and_strides(dtype):
    J, Q = 5, 4
    x = torch.randn(2, 3, 777, dtype=dtype)
    S = signal.scattering(x, J, Q)
    assert S.dtype == dtype
    assert S.shape[:2] == (2, 3)
    torch.testing.assert_close(signal.scattering(x[1, :1], J, Q), S[1, :1])
    wide = torch.randn(777, 3, dtype=dtype).T
    torch.testing.assert_close(signal.scattering(wide, J, Q), signal.scattering(wide.contiguous(), J, Q))
    assert not signal.scattering(torch.zeros(1, 100, dtype=dtype), J, Q).any()
    impulse = torch.zeros(2001, dtype=dtype)
    impulse[1000] = 1
    first = signal.scattering(impulse, J, Q, order=1)[1:].sum(-1) * 2**J
    design = signal.bank_design(J, Q)
    f = torch.fft.fftfreq(2**14, dtype=torch.float64)
    in_time = torch.stack([
        torch.fft.ifft(g * signal.morlet(f, c, w)).abs().sum() for c, w, g in zip(*design, strict=True)
    ])  # the average of |ψ|
    torch.testing.assert_close(first.double(), in_time, rtol=2e-3, atol=1e-5)


def test_scale_is_homogeneous_and_numpy_stays_numpy():
    x = np.random.default_rng(0).standard_normal((2, 500)).astype(np.float32)
    S = signal.scattering(x, 4, 2)
    assert isinstance(S, np.ndarray)
    assert S.dtype == np.float32
    np.testing.assert_allclose(signal.scattering(-3 * x, 4, 2)[:, 1:], 3 * S[:, 1:], rtol=1e-4, atol=1e-5)


def test_gradients():
    x = torch.randn(40, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda v: signal.scattering(v, 3, 1), (x,), atol=1e-4)
    silent = torch.zeros(64, requires_grad=True)
    signal.scattering(silent, 3, 1)[1:].sum().backward()
    assert torch.isfinite(silent.grad).all()


def test_modulus_renormalised_and_log():
    J, Q, sr = 9, 8, 8000
    t = torch.arange(sr) / sr
    tone = torch.sin(2 * torch.pi * 2000 * t) * (1 + 0.5 * torch.sin(2 * torch.pi * 25 * t))
    U = signal.wavelet_modulus(tone, J, Q)
    design, paths = signal.bank_design(J, Q), signal.scattering_paths(J, Q)
    assert U.shape == (len(design[0]), sr)
    loudest = int(U[:, sr // 2].argmax())
    assert abs(design[0][loudest] * sr / 2000 - 1) < 0.05
    S = signal.scattering(torch.stack([tone, 10 * tone]), J, Q)
    R = signal.renormalise(S, paths)
    of_loudest = [p.order == 2 and p.wavelets[0] == loudest for p in paths]
    torch.testing.assert_close(R[0, of_loudest], R[1, of_loudest], rtol=1e-3, atol=1e-4)
    inside = {p.frequencies[1] * sr: float(R[0, i, 8]) for i, p in enumerate(paths) if p.wavelets[:1] == (loudest,)
              and p.order == 2}
    assert max(inside, key=inside.get) in sorted(inside, key=lambda f: abs(np.log(f / 25)))[:2]
    assert not signal.renormalise(torch.zeros(len(paths), 3), paths).any()
    assert not signal.log_scattering(torch.zeros(4)).any()
    with pytest.raises(ValueError, match="rows"):
        signal.renormalise(S[:, :5], paths)


def test_layer_is_the_function_and_keeps_nothing():
    layer = course_nn.Scattering(5, 4, renormalised=True, log=True)
    x = torch.randn(2, 400)
    want = signal.log_scattering(
        signal.renormalise(signal.scattering(x, 5, 4), layer.paths, eps=1e-6), eps=1e-3
    )
    torch.testing.assert_close(layer(x), want)
    assert not layer.state_dict()
    assert "paths=" in repr(layer)
    torch.testing.assert_close(course_nn.Scattering(5, 4, order=1)(x), signal.scattering(x, 5, 4, order=1))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_is_the_cpu():
    x = torch.randn(2, 3000)
    want = signal.scattering(x, 7, 8)
    torch.testing.assert_close(signal.scattering(x.cuda(), 7, 8).cpu(), want, rtol=1e-3, atol=1e-5)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"2\^J = 256 samples needs .* got 100"):
        signal.scattering(np.ones(100), 8)
    with pytest.raises(ValueError, match="got 0"):
        signal.scattering(np.ones(0), 3)
    with pytest.raises(ValueError, match="order is 0, 1 or 2"):
        signal.scattering(np.ones(100), 3, order=3)
    with pytest.raises(ValueError, match="real signals"):
        signal.scattering(np.ones(100, complex), 3)
    with pytest.raises(ValueError, match="Q >= 1"):
        signal.scattering(np.ones(100), 3, 0)


def test_warp_of_a_sinusoid():
    n = np.arange(2000)
    delay = 3.3 + 0.05 * n + 4 * np.sin(n / 90)
    x = np.sin(0.4 * n)
    y = signal.time_warp(x, delay)
    inner = slice(120, -50)
    np.testing.assert_allclose(y[inner], np.sin(0.4 * (n - delay))[inner], atol=2e-3)
    np.testing.assert_allclose(signal.time_warp(x, 0.0), x, atol=1e-12)
    np.testing.assert_allclose(signal.time_warp(np.stack([x, x]), 5)[1, 5:], x[:-5], atol=1e-12)
    assert not signal.time_warp(x, 5000.0).any()
    with pytest.raises(ValueError, match="as many delays"):
        signal.time_warp(x, np.zeros(5))
