"""The mean-parameter voice: a known filter and pitch come back."""

import numpy as np
import pytest
import torch

from course_lib import signal

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
