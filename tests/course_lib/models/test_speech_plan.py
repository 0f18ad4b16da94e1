"""Plans of spoken digits: shapes, measured pitch, exact phones of generated speech, crops and padding."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from course_lib.data import generate
from course_lib.data.views.digits import Digit
from course_lib.models.digit_wavenet import digit_wavenet, mean_bits, noisy_bits, whole_bits
from course_lib.models.sample_rnn import SampleRNN
from course_lib.models.speech_plan import (
    FEATURES,
    HOP,
    LEVEL,
    MARKS,
    PER_OCTAVE,
    PHONE_NAMES,
    PITCH,
    PITCH_MARKS,
    VOICED,
    collate,
    crops,
    frame_levels,
    plan,
    stretched,
    usual_pitch,
    without_octave_errors,
)
from course_lib.models.wavenet import past_of
from course_lib.signal.all_pole_filter import all_pole
from course_lib.signal.cross_synthesis import lpc_envelope
from course_lib.signal.f0 import yin
from course_lib.signal.mu_law import mu_law_decode, mu_law_encode
from course_lib.signal.short_time import stft

KNOWN = ("george", "jackson")


@pytest.fixture(scope="module")
def takes():
    return generate.spoken_digits(speakers=KNOWN, digits=[3, 6], takes=range(2))


def test_shapes_and_one_phone_per_frame(takes):
    for take in takes:
        planned = plan(take)
        frames = -(-len(planned.classes) // HOP)
        assert planned.local.shape == (FEATURES, frames)
        assert planned.classes.dtype == torch.int64
        assert torch.equal(planned.local[: len(PHONE_NAMES)].sum(0), torch.ones(frames))


def test_phones_of_generated_speech_are_exact(takes):
    take, planned = takes[0], plan(takes[0])
    names = [PHONE_NAMES[i] for i in planned.local[: len(PHONE_NAMES)].argmax(0)]
    for phone, start, end in take.phones:
        middle = int((start + end) / 2 * 8000) // HOP
        assert names[middle] == phone


def test_pitch_of_a_tone_and_the_shift():
    x = sum(np.sin(2 * np.pi * 200 * k * np.arange(4000) / 8000) / k for k in (1, 2, 3)).astype(np.float32)
    planned = plan(Digit(3, "george", 0, samples=x))
    on = planned.local[VOICED].bool()
    assert on.float().mean() > 0.9
    np.testing.assert_allclose(planned.f0[on.numpy()], 200, rtol=0.01)
    raised = planned.shifted(12)
    np.testing.assert_allclose(raised.f0, 2 * planned.f0, rtol=1e-5)
    assert torch.equal(planned.local[LEVEL], raised.local[LEVEL])
    silent = ~on
    assert not raised.local[PITCH][silent].any()


def tone(f0, samples=4000):
    x = sum(np.sin(2 * np.pi * f0 * k * np.arange(samples) / 8000) / k for k in (1, 2, 3)).astype(np.float32)
    return plan(Digit(3, "george", 0, samples=x))


def test_a_semitone_changes_the_plan_as_much_as_a_third_of_a_phone():
    planned = tone(200)
    on = planned.local[VOICED].bool()
    marks = planned.local[MARKS:, on]
    torch.testing.assert_close(marks.sum(0), torch.ones(int(on.sum())))
    back = (marks * torch.arange(len(PITCH_MARKS))[:, None]).sum(0)
    np.testing.assert_allclose(PITCH_MARKS[0] * 2 ** (back / 6), 200, rtol=0.01)
    moved = planned.shifted(1).local - planned.local
    torch.testing.assert_close(moved[PITCH, on], torch.full((int(on.sum()),), PER_OCTAVE / 12))
    assert not planned.local[MARKS:, ~on].any()


@pytest.mark.parametrize("semitones", [-4, -2, 0, 2, 4])
def test_played_faster_is_higher_and_shorter_and_the_plan_knows(semitones):
    planned = tone(150)
    played = planned.played(semitones)
    speed = 2 ** (semitones / 12)
    assert len(played.classes) == pytest.approx(4000 / speed, rel=0.02)
    assert played.local.shape[1] == -(-len(played.classes) // HOP)
    heard, _ = yin(mu_law_decode(played.classes), 8000, f_min=60.0, f_max=400.0, hop=HOP)
    on = played.f0[: len(heard)] > 0
    np.testing.assert_allclose(heard[: len(on)].numpy()[on], played.f0[: len(on)][on], rtol=0.01)
    np.testing.assert_allclose(np.median(played.f0[played.f0 > 0]), 150 * speed, rtol=0.02)


def vowel(f0, samples=4000):
    """Pulses through two resonances, at 700 and 1800 Hz."""
    pulses = torch.zeros(samples)
    pulses[(torch.arange(0, samples, 8000 / f0)).round().long().clamp(max=samples - 1)] = 1.0
    for formant in (700, 1800):
        pulses = all_pole(pulses, torch.tensor([-2 * 0.97 * np.cos(2 * np.pi * formant / 8000), 0.97**2]))
    return plan(Digit(3, "george", 0, samples=pulses.numpy().astype(np.float32)))


def envelope(planned):
    """Mean log spectral envelope of the middle of the sound, its own mean removed."""
    frames = lpc_envelope(stft(mu_law_decode(planned.classes).float(), 256, 40), 12)[:, 20:-20].mean(1)
    return frames - frames.mean()


@pytest.mark.parametrize("semitones", [-4, -2, 2, 4])
def test_sung_has_another_pitch_and_keeps_the_formants(semitones):
    original, speed = vowel(120), 2 ** (semitones / 12)
    sung, played = original.sung(semitones), original.played(semitones)
    assert len(sung.classes) == len(played.classes)
    np.testing.assert_array_equal(sung.f0, played.f0)
    heard, _ = yin(mu_law_decode(sung.classes), 8000, f_min=60.0, f_max=400.0, hop=HOP)
    np.testing.assert_allclose(np.median(heard[5:-5]), 120 * speed, rtol=0.01)
    np.testing.assert_allclose(np.median(sung.f0[sung.f0 > 0]), 120 * speed, rtol=0.02)
    away = {name: float((envelope(u) - envelope(original)).square().mean())
            for name, u in (("sung", sung), ("played", played))}
    assert away["sung"] < 0.25 * away["played"]


@pytest.mark.parametrize("semitones", [-4, 4])
def test_sung_has_the_level_of_the_recording_and_its_plan_says_it(semitones):
    original = vowel(120)
    sung = original.sung(semitones)
    x, y = mu_law_decode(original.classes), mu_law_decode(sung.classes)
    assert (y.abs() == 1).float().mean() < 0.002                    # the last class begins below 0.99
    assert float(y.square().mean() / x.square().mean()) == pytest.approx(1, rel=0.05)
    np.testing.assert_allclose(sung.local[LEVEL], frame_levels(y, sung.local.shape[1]) / 20 + 1, atol=0.01)
    assert torch.equal(sung.local[: len(PHONE_NAMES)].sum(0), torch.ones(sung.local.shape[1]))


def test_sung_by_no_semitones_is_the_recording_itself_and_silence_stays_silence():
    original = vowel(120)
    assert original.sung(0) is original
    silent = replace(original, classes=mu_law_encode(torch.zeros(4000))).sung(4)
    assert mu_law_decode(silent.classes).abs().max() < 1e-3
    assert silent.local[LEVEL].max() == -2
    short = replace(original, classes=original.classes[:90], local=original.local[:, :2]).sung(-4)
    assert len(short.classes) == pytest.approx(90 * 2 ** (1 / 3), rel=0.02)
    assert torch.isfinite(short.local).all()


def test_octave_errors_are_left_out():
    good = tone(150)
    one, many = good.f0.copy(), good.f0.copy()
    one[20] = 300.0
    many[: len(many) // 2] *= 2
    usual = usual_pitch([good])
    assert usual["george"] == pytest.approx(150, rel=0.01)
    kept = without_octave_errors([good, good.with_f0(one), good.with_f0(many)], usual)
    assert len(kept) == 2
    assert kept[1].f0[20] == 0
    np.testing.assert_allclose(kept[0].f0, good.f0, rtol=1e-5)


def test_noise_on_the_past_changes_the_loss_and_none_leaves_it():
    torch.manual_seed(0)
    model, batch = digit_wavenet(), collate([tone(150, 400)] * 4, KNOWN)
    plain = mean_bits(model, batch)
    torch.testing.assert_close(noisy_bits(model, batch, np.random.default_rng(0), 0.0), plain)
    noisy = noisy_bits(model, batch, np.random.default_rng(0), 0.2)
    assert float(noisy.detach()) != float(plain.detach())
    noisy.backward()
    assert all(block.of_local.weight.grad.abs().sum() > 0 for block in model.blocks)


def test_the_past_of_half_of_the_examples_is_disturbed_and_stays_in_range(monkeypatch):
    model, batch, heard = digit_wavenet(), collate([tone(150, 100)] * 64, KNOWN), []
    monkeypatch.setattr(model, "bits", lambda classes, *condition, past: heard.append(past) or torch.ones(64, 100))
    noisy_bits(model, batch, np.random.default_rng(0), 5.0)
    disturbed = (heard[0] != past_of(batch["classes"])).any(1)
    assert 20 <= int(disturbed.sum()) <= 44
    assert heard[0].abs().max() == 1


def test_real_recordings_get_the_phones_of_the_lexicon():
    x = np.zeros(4000, np.float32)
    x[800:3200] = np.random.default_rng(0).normal(size=2400)
    names = [PHONE_NAMES[i] for i in plan(Digit(6, "george", 0, samples=x)).local[: len(PHONE_NAMES)].argmax(0)]
    assert names[:10] == ["silence"] * 10
    assert names[-10:] == ["silence"] * 10
    spoken = [n for i, n in enumerate(names) if n != "silence" and (i == 0 or names[i - 1] != n)]
    assert spoken == ["S", "IH", "K", "S"]
    assert len(stretched(("S", "IH"), 7)) == 7
    assert stretched(("S",), 0) == []


def test_silence_is_refused():
    with pytest.raises(ValueError, match="no sound"):
        plan(Digit(3, "george", 0, samples=np.zeros(100, np.float32)))


def test_crops_are_repeatable_and_masked(takes):
    plans = [plan(take) for take in takes]
    first, again = (crops(plans, KNOWN, np.random.default_rng(1), batch=3, samples=12_000) for _ in range(2))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert first["classes"].shape == first["mask"].shape == (3, 12_000)
    assert first["world"].sum() == 6
    short = crops(plans, KNOWN, np.random.default_rng(1), batch=3, samples=800)
    assert short["mask"].all()
    assert short["local"].shape == (3, FEATURES, 10)


def test_padding_does_not_change_the_bits(takes):
    torch.manual_seed(0)
    model, planned = digit_wavenet(), plan(takes[0])
    samples = HOP * 5
    cut = collate([planned], KNOWN, samples=samples)
    cut["mask"][:, 300:] = 0
    other = {**cut, "classes": cut["classes"].clone()}
    other["classes"][:, 300:] = 7
    torch.testing.assert_close(mean_bits(model, cut), mean_bits(model, other))


def test_every_sample_of_whole_recordings_counts_once(takes):
    torch.manual_seed(0)
    plans = [plan(take, longest=longest) for take, longest in zip(takes, (250, 1000), strict=False)]
    for model in (digit_wavenet(), digit_wavenet(conditional=False), SampleRNN()):
        each = [float(mean_bits(model, collate([u], KNOWN)).detach()) for u in plans]
        assert whole_bits(model, plans) == pytest.approx((250 * each[0] + 1000 * each[1]) / 1250)
