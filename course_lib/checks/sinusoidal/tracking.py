"""The check of exercise 6.2: partials with births, gaps and deaths."""

import numpy as np
import torch

from course_lib import signal
from course_lib.checks.core import CheckFailed, expect, passed, subject, visible_rng
from course_lib.checks.core.values import as_array, describe
from course_lib.checks.sinusoidal import tracks


def track(answer, *, rng=None, cases: int = 12) -> None:
    """Partials with births, gaps and deaths, from peaks and from sound. (exercise 6.2)"""
    f, rng = subject(answer), visible_rng(rng)
    for max_cents in (10.0, 40.0, 300.0):
        _expect_limit(f, max_cents)
    for case in range(cases):
        max_cents = float(rng.uniform(25, 60))
        sleep = (0, 2, 1, 3)[case % 4]
        shortest = int(rng.integers(2, 6)) if case else 3
        frames = tracks.scene(rng, max_cents, sleep, shortest)
        _expect_partials(f, frames, max_cents, sleep, shortest)
    _expect_partials(f, [[], [], []], 30.0, 1, 2)
    _expect_partials(f, [], 30.0, 1, 2)
    _expect_partials(f, [[(440.0, 1.0)], [], [(441.0, 0.5)]], 30.0, 1, 1)
    fading = [[(440.0, 0.5)], [(441.0, 1.0), (448.0, 0.5)], [(441.0, 1.0), (448.0, 0.5)]]
    _expect_partials(f, fading, 50.0, 0, 1, "the nearer peak is the louder one too, so it goes on with the partial. "
                     "How much the amplitude changes does not count.")
    _expect_partials(f, [[(440.0, 1.0)]] * 4, 0.0, 0, 2, "a distance of exactly `max_cents` is near enough (≤).")
    for _ in range(max(1, cases // 10)):
        _track_a_sound(f, rng)
    passed("track", f"lone jumps around max_cents, {cases} scenes of births, gaps, deaths and strays, empty frames, "
           "and a sound in noise")


def _expect_limit(f, max_cents: float) -> None:
    """Lone jumps shorter and longer than `max_cents`, up and down, at a low and at a high frequency."""
    frames = tracks.lone_jumps(max_cents)
    context = f"for lone jumps around max_cents={max_cents:g}, up and down, sleep=0, shortest=1"
    got = _partials(f.call(frames, max_cents, 0, 1), context)
    want = tracks.track(frames, max_cents, 0, 1)
    if _same(got, want):
        return
    _name_mistake(got, want, tracks.variants(frames, max_cents, 0, 1), context)
    inside = {(int(rows[i, 0]), round(float(rows[i, 1]), 2)) for rows in got for i in range(1, len(rows))}
    for m in range(1, len(frames)):
        for (before, _), (after, _) in zip(frames[m - 1], frames[m], strict=True):
            cents = 1200 * np.log2(after / before)
            goes_on = (m, round(after, 2)) in inside
            if goes_on != (abs(cents) <= max_cents):
                raise CheckFailed(
                    f"The partials are wrong {context}: from frame {m - 1} to {m} a peak moves from {before:.2f} to "
                    f"{after:.2f} Hz, {cents:+.1f} cents. That is {'more' if goes_on else 'no more'} than max_cents, "
                    f"and the partial {'went on' if goes_on else 'did not go on'}.")
    raise CheckFailed(f"The partials are wrong {context}: {_difference(got, want)}")


def _expect_partials(f, frames: list, max_cents: float, sleep: int, shortest: int, hint: str = "") -> None:
    context = f"for {len(frames)} frames, max_cents={max_cents:.1f}, sleep={sleep}, shortest={shortest}"
    got = _partials(f.call(frames, max_cents, sleep, shortest), context)
    want = tracks.track(frames, max_cents, sleep, shortest)
    if _same(got, want):
        return
    expect(not hint, f"The partials are wrong {context}: {hint}")
    _name_mistake(got, want, tracks.variants(frames, max_cents, sleep, shortest), context)
    raise CheckFailed(f"The partials are wrong {context}: {_difference(got, want)}")


def _name_mistake(got: list[np.ndarray], want: list, variants: dict, context: str) -> None:
    """Raise with the sentence of the mistake that gives these partials, if there is one."""
    if _same(got, [[(m, a, frequency) for m, frequency, a in p] for p in want]):
        raise CheckFailed(f"The partials are wrong {context}: frequency and amplitude are swapped: each entry is "
                          "(frame, frequency, amplitude).")
    for sentence, wrong in variants.items():
        if _same(got, wrong):
            raise CheckFailed(f"The partials are wrong {context}: {sentence}")


def _partials(result, context: str) -> list[np.ndarray]:
    """The answer as (peaks, 3) arrays in a fixed order."""
    expect(isinstance(result, (list, tuple)), f"`track` should return a list of partials {context}, got "
           f"{describe(result)}.")
    table = []
    for p in result:
        rows = as_array(p, "a partial").astype(np.float64)
        expect(rows.ndim == 2 and rows.shape[1] == 3 and len(rows) > 0, "a partial should be a list of "
               f"(frame, frequency, amplitude) with one entry per peak {context}, got shape {rows.shape}.")
        table.append(rows[np.argsort(rows[:, 0], kind="stable")])
    return sorted(table, key=lambda rows: rows[0].tolist())


def _same(got: list[np.ndarray], want: list) -> bool:
    want = sorted((np.array(p, np.float64) for p in want), key=lambda rows: rows[0].tolist())
    return len(got) == len(want) and all(
        a.shape == b.shape and np.allclose(a, b, rtol=1e-5, atol=1e-9) for a, b in zip(got, want, strict=True)
    )


def _difference(got: list[np.ndarray], want: list) -> str:
    """The first true partial that was not found, and the most similar one that was, in words."""
    def key(rows) -> tuple:
        return tuple((int(m), round(float(f), 2)) for m, f, *_ in rows)

    found = {key(rows) for rows in got}
    missing = [p for p in want if key(p) not in found]
    counted = f"expected {len(want)} partial{'' if len(want) == 1 else 's'}, got {len(got)}"
    extra = found - {key(p) for p in want}
    if not missing:
        return f"{counted}; {len(extra)} too many: {_life(min(extra))}." if extra else f"{counted}; amplitudes differ."
    text = f"{counted}; one that is missing: {_life(missing[0])}"
    if not extra:
        return text + "."
    nearest = max(extra, key=lambda rows: len(set(rows) & set(key(missing[0]))))
    return f"{text}; the nearest one found: {_life(nearest)}."


def _life(rows) -> str:
    (first, f, *_), (last, *_) = rows[0], rows[-1]
    return f"frames {first} to {last}, begins at {f:.1f} Hz, {len(rows)} peak{'' if len(rows) == 1 else 's'}"


def _track_a_sound(f, rng: np.random.Generator) -> None:
    """Sinusoids that are born and die, in noise 40 dB below: precision and recall, births and deaths."""
    sr, hop, n_fft, count = 8000, 128, 1024, 40
    time, fade = np.arange(count * hop) / sr, np.hanning(257) / 128
    x, truth = 0.003 * rng.standard_normal(len(time)), []
    for lane in (400.0, 900.0, 1600.0, 2700.0):
        birth, death = int(rng.integers(4, 12)), int(rng.integers(24, 36))
        glide = rng.uniform(-60, 60)
        inside = (time >= birth * hop / sr) & (time <= death * hop / sr)
        inside = np.convolve(inside, fade, "same")  # a partial that is cut off splashes over its neighbours
        x += 0.3 * inside * np.cos(2 * np.pi * (lane * time + glide * time**2 / 2))
        truth.append((birth, death, lane + glide * np.arange(count) * hop / sr))
    w = torch.nn.functional.pad(signal.window("hann", 512, dtype=torch.float64), (256, 256))
    X = signal.stft(x, n_fft, hop, window=w)
    found = signal.spectral_peaks(X, sr, float(w.sum()), floor_db=-35)  # above the side lobes
    frames = [list(zip(p.frequency.tolist(), p.amplitude.tolist(), strict=True)) for p in found]
    context = "for the peaks of a sound with four partials"
    got = _partials(f.call(frames, 60.0, 2, 6), context)
    for birth, death, line in truth:
        near = [p for p in got if np.abs(p[:, 1] - line[p[:, 0].astype(int)]).max() < 40]
        expect(len(near) == 1, f"{len(near)} partials found where there is one, from frame {birth} to {death} around "
               f"{line.mean():.0f} Hz, {context}.")
        expect(abs(near[0][0, 0] - birth) <= 2 and abs(near[0][-1, 0] - death) <= 2, f"a partial lives from frame "
               f"{birth} to {death}, the one found from {near[0][0, 0]:.0f} to {near[0][-1, 0]:.0f}, {context}.")
    expect(len(got) == len(truth), f"{len(got)} partials found where there are {len(truth)}, {context}.")
