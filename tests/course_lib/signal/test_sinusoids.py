"""Peaks, partials, harmonic fit and additive synthesis against sounds that were put together from known sinusoids."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import signal
from course_lib.signal.partials import match

SR = 16000


def analyse(x, n_fft=2048, hop=256, length=1024, **options):
    w = torch.hann_window(length, dtype=torch.float64)
    X = signal.stft(torch.as_tensor(x), n_fft, hop, window=torch.nn.functional.pad(w, (512, 512)))
    return signal.spectral_peaks(X, SR, float(w.sum()), **options)


@given(st.floats(200, 7000), st.floats(0.01, 1.0))
@settings(max_examples=40, deadline=None)
def test_one_sinusoid_is_found_between_the_bins(frequency, amplitude):
    x = amplitude * np.cos(2 * np.pi * frequency * np.arange(6000) / SR)
    peaks = analyse(x, most=1)[12]
    assert peaks.frequency[0] == pytest.approx(frequency, abs=0.4)  # bins are 7.8 Hz apart
    assert peaks.amplitude[0] == pytest.approx(amplitude, rel=0.012)


@given(st.floats(200, 7000), st.floats(-3.1, 3.1), st.integers(8, 14))
@settings(max_examples=40, deadline=None)
def test_the_phase_is_that_in_the_middle_of_the_frame(frequency, phase, m):
    x = 0.5 * np.cos(2 * np.pi * frequency * (np.arange(6000) - m * 256) / SR + phase)
    got = analyse(x, most=1)[m].phase[0]
    assert abs(np.angle(np.exp(1j * (got - phase)))) < 0.01


def test_silence_a_floor_and_the_loudest():
    assert all(len(p) == 0 for p in analyse(np.zeros(3000)))
    t = np.arange(8000) / SR
    x = np.cos(2 * np.pi * 500 * t) + 0.1 * np.cos(2 * np.pi * 1500 * t) + 0.01 * np.cos(2 * np.pi * 3000 * t)
    np.testing.assert_allclose(analyse(x, most=2)[15].frequency, [500, 1500], atol=0.5)
    assert len(analyse(x, floor_db=-30)[15]) == 2
    with pytest.raises(ValueError, match="at least three bins"):
        signal.spectral_peaks(np.ones((2, 3)), SR, 1.0)


def test_births_and_deaths_are_seen():
    t = np.arange(2 * SR) / SR
    x = 0.3 * np.cos(2 * np.pi * 440 * t) * (t < 1.0) + 0.2 * np.cos(2 * np.pi * (900 * t + 50 * t**2)) * (t > 0.5)
    partials = signal.track_partials(analyse(x, floor_db=-50))
    long = [p for p in partials if len(p.frames) > 20]
    assert len(long) == 2
    low, high = sorted(long, key=lambda p: p.frequency[0])
    assert low.birth <= 2
    assert low.death == pytest.approx(SR / 256, abs=4)
    assert high.birth == pytest.approx(0.5 * SR / 256, abs=4)
    at = np.array(high.frames) * 256 / SR
    np.testing.assert_allclose(high.frequency[5:-5], (900 + 100 * at)[5:-5], atol=3)


@given(st.lists(st.floats(50, 5000), max_size=8), st.lists(st.floats(50, 5000), max_size=8), st.floats(0.001, 0.2))
@settings(max_examples=100, deadline=None)
def test_matches_are_one_to_one_and_near(old, new, jump):
    pairs = match(np.array(old), np.array(new), jump)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    assert all(abs(new[j] - old[i]) <= jump * old[i] * (1 + 1e-12) for i, j in pairs)
    free_old, free_new = set(range(len(old))) - {i for i, _ in pairs}, set(range(len(new))) - {j for _, j in pairs}
    assert not any(abs(new[j] - old[i]) < jump * old[i] * (1 - 1e-12) for i in free_old for j in free_new)


def test_a_minute_of_phase_stays_exact():
    f = torch.full((60 * SR,), 100 * 110.3, dtype=torch.float32)
    exact = (np.arange(1, 60 * SR + 1) * (np.float64(f[0]) / SR)) % 1.0
    error = np.angle(np.exp(1j * (signal.integrate_phase(f, SR).numpy() - 2 * np.pi * exact)))
    assert np.abs(error).max() < 1e-4


def test_additive_is_the_sum_of_cosines():
    t = np.arange(4000) / SR
    frequency = torch.tensor([[300.0], [1234.5], [9000.0]], dtype=torch.float64).expand(3, 4000)
    amplitude = torch.tensor([[1.0], [0.5], [0.7]], dtype=torch.float64).expand(3, 4000)
    x = signal.additive(frequency, amplitude, SR, phase=torch.tensor([0.0, 1.0, 0.0]))
    want = np.cos(2 * np.pi * 300 * t) + 0.5 * np.cos(2 * np.pi * 1234.5 * t + 1)  # 9 kHz lies above sr/2
    np.testing.assert_allclose(x, want, atol=1e-9)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_straight_lines_stay_straight_far_from_the_start(dtype):
    values = (torch.arange(20_000) % 2).to(dtype)  # up and down between 0 and 1
    line = signal.interpolate_frames(values, 33, 700_000)
    want = np.interp(np.arange(700_000) / 33, np.arange(20_000), values.numpy())
    np.testing.assert_allclose(line, want, atol=1e-6 if dtype == torch.float32 else 1e-11)
    assert (line[20_000 * 33 :] == values[-1]).all()


def chain(*peaks):
    partial = signal.Partial()
    for m, f, a in peaks:
        partial.add(m, signal.Peaks(np.array([f]), np.array([a]), np.zeros(1)), 0)
    return partial


def test_partials_are_sung_with_fades_and_bridged_gaps():
    hop, samples = 50, 700
    first, second = chain((2, 1000.0, 0.5), (3, 1020.0, 0.7), (5, 1060.0, 0.9)), chain((0, 300.0, 1.0))
    y = signal.synthesise_partials([first, second], SR, hop=hop, samples=samples).numpy()
    n = np.arange(samples) / hop
    f = np.interp(n, [2, 3, 5], [1000, 1020, 1060])
    a = np.interp(n, [1, 2, 3, 5, 6], [0, 0.5, 0.7, 0.9, 0])
    phase = 2 * np.pi * (np.cumsum(f) - np.cumsum(f)[hop]) / SR  # 0 where the fade begins
    want = a * np.cos(phase) + np.interp(n, [0, 1], [1, 0]) * np.cos(2 * np.pi * 300 * n * hop / SR)
    np.testing.assert_allclose(y, want, atol=1e-9)


def test_partials_beyond_the_end_are_cut_and_none_are_silence():
    partial = chain((2, 1000.0, 0.5), (3, 1000.0, 0.5))
    whole = signal.synthesise_partials([partial], SR, hop=50, samples=300)
    np.testing.assert_array_equal(signal.synthesise_partials([partial], SR, hop=50, samples=120), whole[:120])
    assert not signal.synthesise_partials([partial], SR, hop=50, samples=30).any()
    assert signal.synthesise_partials([], SR, hop=50, samples=7).tolist() == [0] * 7


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_cubic_passes_through_the_measured_phases(dtype):
    rng = np.random.default_rng(0)
    hop = 32
    frequency = torch.from_numpy(200 + 5 * rng.standard_normal((2, 3, 20)).cumsum(-1)).to(dtype)
    phase = torch.from_numpy(rng.uniform(-3, 3, (2, 3, 20))).to(dtype)
    cubic = signal.cubic_phase(phase, frequency, SR, hop)
    assert cubic.shape == (2, 3, 19 * hop + 1)
    assert cubic.dtype == dtype
    at_frames = torch.exp(1j * (cubic[..., ::hop] - phase).double())
    torch.testing.assert_close(at_frames, torch.ones_like(at_frames), rtol=0, atol=1e-4)
    with pytest.raises(ValueError, match="differ in shape"):
        signal.cubic_phase(phase, frequency[..., :5], SR, hop)


def test_the_cubic_of_a_chirp_is_its_phase():
    n, hop = np.arange(3201), 160
    phase = 2 * np.pi * (300 * n / SR + 400 * (n / SR) ** 2 / 2) + 1
    frames = torch.from_numpy(np.angle(np.exp(1j * phase[::hop])))
    frequency = torch.from_numpy(300 + 400 * n[::hop] / SR)
    cubic = signal.cubic_phase(frames, frequency, SR, hop)
    np.testing.assert_allclose(torch.cos(cubic), np.cos(phase), atol=1e-9)
    assert torch.autograd.gradcheck(
        lambda p, f: signal.cubic_phase(p, f, SR, 4), [frames[:4].clone().requires_grad_(True),
                                                       frequency[:4].clone().requires_grad_(True)])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_harmonic_synthesis_is_additive_synthesis(dtype):
    generator = torch.Generator().manual_seed(0)
    f0 = 200 + 50 * torch.rand(2, 20, dtype=dtype, generator=generator)
    gain = torch.rand(2, 45, 20, dtype=dtype, generator=generator)
    x = signal.harmonic_synthesis(f0, gain, SR, hop=64)
    assert x.shape == (2, 1280)
    assert x.dtype == dtype
    track = signal.interpolate_frames(f0, 64, 1280).double()
    h = torch.arange(1, 46)[:, None]
    phase = torch.cumsum(track / SR, -1)[:, None] * h * 2 * math.pi
    loud = signal.interpolate_frames(gain, 64, 1280).double() * (h * track[:, None] < SR / 2)
    tolerance = 2e-3 if dtype == torch.float32 else 1e-8
    torch.testing.assert_close(x.double(), (loud * torch.sin(phase)).sum(1), rtol=0, atol=tolerance)


def test_gradients_of_synthesis():
    f0 = (200 + 50 * torch.rand(3, dtype=torch.float64)).requires_grad_(True)
    gain = torch.rand(4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda f, a: signal.harmonic_synthesis(f, a, SR, hop=5), (f0, gain), atol=1e-4)


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_the_harmonic_fit_finds_amplitudes_and_leaves_the_noise(noise):
    rng = np.random.default_rng(0)
    n, f0 = np.arange(8000), 210.7
    gains, phases = np.array([1.0, 0.5, 0.25, 0.1]), rng.uniform(-3, 3, 4)
    h = np.arange(1, 5)[:, None]
    clean = (gains[:, None] * np.cos(2 * np.pi * h * f0 / SR * n + phases[:, None])).sum(0)
    x = clean + noise * rng.standard_normal(8000)
    fit = signal.harmonic_model(x, np.full(8000 // 128 + 1, f0), SR, hop=128, harmonics=6)
    np.testing.assert_allclose(fit.harmonic + fit.residual, x, atol=1e-12)
    inner = fit.amplitudes[8:-8]
    np.testing.assert_allclose(inner[:, :4].abs().mean(0), gains, atol=1e-6 + 0.1 * noise)
    assert inner[:, 4:].abs().max() < 1e-6 + noise
    centre = 128 * 20
    want = np.angle(np.exp(1j * (2 * np.pi * f0 / SR * centre * np.arange(1, 5) + phases)))
    got = np.angle(fit.amplitudes[20, :4].numpy())
    np.testing.assert_allclose(np.angle(np.exp(1j * (got - want))), 0, atol=1e-5 + 10 * noise)
    level = 10 * np.log10(np.mean(fit.residual[600:-600].numpy() ** 2) + 1e-30)
    assert level < -100 if noise == 0 else abs(level - 20 * np.log10(noise)) < 1.0


def test_frames_without_pitch_are_residual():
    x = np.random.default_rng(0).standard_normal(2000)
    fit = signal.harmonic_model(x, np.zeros(20), SR, hop=128, harmonics=5)
    np.testing.assert_allclose(fit.residual, x)
    assert fit.residual_db == pytest.approx(0)
    with pytest.raises(ValueError, match="need 16 frames of f0"):
        signal.harmonic_model(x, np.zeros(3), SR, hop=128, harmonics=5)
