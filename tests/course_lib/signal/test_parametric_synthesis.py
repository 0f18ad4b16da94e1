"""The mean-parameter voice: a known filter and pitch come back."""

import numpy as np
import pytest
import torch

from course_lib import signal
from course_lib.signal import parametric_synthesis

SR = 8000


def vowel(f0, seconds=0.5):
    pulses = torch.zeros(int(SR * seconds))
    pulses[:: round(SR / f0)] = 1.0
    poles = [(700, 90), (1200, 120), (2600, 200)]
    a = np.array([1.0])
    for f, b in poles:
        r = np.exp(-np.pi * b / SR)
        a = np.convolve(a, [1, -2 * r * np.cos(2 * np.pi * f / SR), r * r])
    return signal.all_pole(pulses, torch.tensor(a[1:], dtype=torch.float32))


def means():
    takes = [vowel(100) / 3, vowel(125) / 3, vowel(160) / 3]
    return signal.state_means(takes, [torch.ones(len(x) // 80) for x in takes], states=4), takes


def test_pitch_is_the_one_asked_for():
    voice, _ = means()
    spoken = signal.speak_states(voice, 140.0, SR)
    assert spoken.shape == (voice.frames * 80,)
    f0, _ = signal.yin(spoken, SR, f_min=60, f_max=400, hop=80)
    assert float(f0[5:-5].median()) == pytest.approx(140, rel=0.02)


def test_level_and_first_formant_are_those_of_the_recordings():
    voice, takes = means()
    spoken = signal.speak_states(voice, 120.0, SR)
    def rms(x):
        return float(x.square().mean().sqrt())
    assert rms(spoken) == pytest.approx(np.mean([rms(x) for x in takes]), rel=0.5)
    a, _ = signal.lpc(spoken[1000:1800], 8)
    assert min(abs(f - 700) for f, _ in signal.formants(a, SR)) < 80


def test_same_seed_same_noise_and_errors():
    voice, takes = means()
    assert torch.equal(signal.speak_states(voice, 120.0, SR, seed=3), signal.speak_states(voice, 120.0, SR, seed=3))
    with pytest.raises(ValueError, match="too short"):
        signal.state_means([takes[0][:160]], [torch.ones(2)])
    with pytest.raises(ValueError, match="no recordings"):
        signal.state_means([], [])
    with pytest.raises(ValueError, match="voicing for 1"):
        signal.state_means(takes[:2], [torch.ones(50)])
    with pytest.raises(ValueError, match="50 frames has voicing for 49 only"):
        signal.state_means(takes[:1], [torch.ones(49)])
    with pytest.raises(ValueError, match=r"one number or \(50,\)"):
        signal.speak_states(voice, torch.full((3,), 120.0), SR)


def white(gain, voiced, frames=100):
    """Means of a voice without a filter, so that its source can be seen."""
    states = len(gain)
    return parametric_synthesis.StateMeans(
        torch.eye(1, 4).repeat(states, 1), torch.tensor(gain), torch.tensor(voiced), frames, 80)


def test_pulses_stand_at_whole_turns_and_have_the_level_of_the_means():
    spoken = signal.speak_states(white([0.2, 0.2], [0.6, 0.6]), 125.0, SR)[:-80]   # the last frame fades out
    turns = np.floor(np.cumsum(np.full(len(spoken), 125.0 / SR)))
    want = 0.2 * np.sqrt(SR / 125) * (np.diff(turns, prepend=0) > 0)
    np.testing.assert_allclose(spoken, want, rtol=1e-3, atol=1e-6)
    assert float(spoken.square().mean().sqrt()) == pytest.approx(0.2, rel=0.02)


def test_noise_has_the_level_of_the_means_and_its_own_seed():
    quiet_then_loud = white([0.1, 0.1, 0.4, 0.4], [0.0, 0.0, 0.4, 0.4], frames=400)
    spoken = signal.speak_states(quiet_then_loud, 125.0, SR, seed=1)
    first, last = spoken[: 100 * 80], spoken[300 * 80 : -80]
    assert float(first.square().mean().sqrt()) == pytest.approx(0.1, rel=0.03)
    assert float(last.square().mean().sqrt()) == pytest.approx(0.4, rel=0.03)
    other = signal.speak_states(quiet_then_loud, 125.0, SR, seed=2)
    assert abs(float(torch.corrcoef(torch.stack([spoken, other]))[0, 1])) < 0.05


def test_tracks_go_from_the_middle_of_a_state_to_the_next():
    spoken = signal.speak_states(white([0.1, 0.2, 0.3, 0.4], [1.0] * 4), float(SR), SR)   # a pulse at every sample
    middles = spoken.view(100, 80)[:, 0].numpy()                # the centre of each frame's window
    np.testing.assert_allclose(middles, np.interp(np.arange(100) + 0.5, [12.5, 37.5, 62.5, 87.5], [0.1, 0.2, 0.3, 0.4]),
                               rtol=1e-3)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_means_of_states(dtype):
    """Spectra are averaged after their level is taken out; level, voicing and length by state."""
    rng = torch.Generator().manual_seed(0)
    noise = torch.randn(2, 400 * 80, generator=rng, dtype=torch.float64).to(dtype)
    soft, loud = noise[0], noise[1, : 200 * 80]
    loud = signal.all_pole(loud, torch.tensor([-0.9])) * (1 - 0.81) ** 0.5          # autocorrelation 0.9^k, power 1
    level = torch.tensor([1.0, 2.0], dtype=dtype).repeat_interleave(200 * 80)
    voiced = torch.arange(400) < 200
    voice = signal.state_means([0.1 * level * soft, 0.8 * loud], [voiced, torch.ones(200)], states=2, order=3)
    assert voice.frames == 300
    assert voice.gain.dtype == voice.autocorrelation.dtype == dtype
    np.testing.assert_allclose(voice.gain, [(0.1 + 0.8) / 2, (0.2 + 0.8) / 2], rtol=0.05)
    np.testing.assert_allclose(voice.voiced, [1.0, 0.5], rtol=1e-5)
    np.testing.assert_allclose(voice.autocorrelation, [[1, 0.45, 0.405, 0.364]] * 2, atol=0.03)
    assert signal.speak_states(voice, 120.0, SR).dtype == dtype


def test_frames_are_centred_on_their_hop():
    """A burst in one frame is the loudest in the state of that frame."""
    x = torch.zeros(24 * 80)
    x[10 * 80 : 11 * 80] = 1.0
    gain = signal.state_means([x], [torch.ones(24)], states=24).gain
    assert int(gain.argmax()) == 10
    assert float(gain[9]) == pytest.approx(float(gain[11]), rel=0.05)      # the window is periodic, not symmetric
