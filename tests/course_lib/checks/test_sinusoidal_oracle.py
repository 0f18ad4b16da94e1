"""The oracles of unit 06: scenes on which different trackers agree, a fit with known amplitudes, a chirp's phase."""

import numpy as np
import pytest

from course_lib.checks.sinusoidal import oracle, tracks


def greedy(frames, max_cents, sleep, shortest, order):
    """A tracker of another kind: peaks choose their nearest free partial, in an order of their own."""
    partials = []
    for m, found in enumerate(frames):
        free = [p for p in partials if m - p[-1][0] <= sleep + 1]
        for f, a in sorted(found, key=order):
            near = [p for p in free if abs(1200 * np.log2(f / p[-1][1])) <= max_cents]
            best = min(near, key=lambda p, f=f: abs(np.log(f / p[-1][1])), default=None)
            if best is None:
                partials.append([(m, f, a)])
            else:
                best.append((m, f, a))
                free = [p for p in free if p is not best]
    return sorted(p for p in partials if len(p) >= shortest)


@pytest.mark.parametrize("sleep", range(4))
def test_trackers_of_other_kinds_agree_on_every_scene(sleep):
    for seed in range(40):
        rng = np.random.default_rng([seed, sleep])
        options = float(rng.uniform(25, 60)), sleep, int(rng.integers(2, 6))
        frames = tracks.scene(rng, *options)
        want = tracks.track(frames, *options)
        assert len(want) >= 5
        for order in (lambda peak: -peak[1], lambda peak: -peak[0]):
            assert greedy(frames, *options, order) == want
        for factor in (0.9, 1.05):  # no distance lies near the limit, so another way to compute it changes nothing
            assert tracks.track(frames, factor * options[0], *options[1:]) == want


def test_every_mistake_of_a_tracker_shows_on_some_scene():
    seen = set()
    similar = [[(440.0, 0.5)], [(441.0, 1.0), (448.0, 0.5)], [(441.0, 1.0), (448.0, 0.5)]]
    cases = [(tracks.lone_jumps(300.0), (300.0, 0, 1)), (similar, (50.0, 0, 1))]
    for seed in range(30):
        rng = np.random.default_rng(seed)
        options = float(rng.uniform(25, 60)), seed % 4, int(rng.integers(2, 6))
        cases.append((tracks.scene(rng, *options), options))
    for frames, options in cases:
        want = tracks.track(frames, *options)
        wrong = tracks.variants(frames, *options)
        seen |= {sentence for sentence, found in wrong.items() if found != want}
    assert seen == set(wrong)


def test_the_parabola_finds_a_gaussian_lobe_exactly():
    k = np.arange(40)
    amplitude = 0.7 * np.exp(-((k - 17.3) ** 2) / 8)  # a parabola in dB
    frequency, height = oracle.peaks(amplitude, 780.0, -80.0)
    np.testing.assert_allclose(frequency, [17.3 * 10], rtol=1e-9)
    np.testing.assert_allclose(height, [0.7], rtol=1e-9)


def test_the_fit_finds_what_was_put_in():
    n, gains = np.arange(301) - 150, np.array([0.5 * np.exp(1j), 0.2 * np.exp(-2j)])
    x = sum((c * np.exp(2j * np.pi * h * 123.4 / 8000 * n)).real for h, c in enumerate(gains, 1))
    found, residual = oracle.harmonic_fit(x, 123.4, 8000.0, 4)
    np.testing.assert_allclose(found, [*gains, 0, 0], atol=1e-12)
    np.testing.assert_allclose(residual, 0, atol=1e-12)


def test_a_chirp_has_its_phase_in_closed_form():
    sr, hop, frames = 8000.0, 50, 5
    f = np.array([[100.0 + 40 * m for m in range(frames)]])
    n = np.arange((frames - 1) * hop + 1)
    phase = 0.3 + 2 * np.pi / sr * (100 * n + 40 / hop * n * (n + 1) / 2)
    got = oracle.additive(f, np.ones_like(f), np.array([0.3]), sr, hop)
    np.testing.assert_allclose(got, np.cos(phase), atol=1e-10)
