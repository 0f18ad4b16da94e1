"""Features of a recogniser of letters: normalised, stretched, and what varies in training; loss and posteriors."""

import numpy as np
import pytest
import torch

from course_lib.data import generate
from course_lib.data.digit_strings import DigitSpeech
from course_lib.data.letters import LETTER_CLASSES
from course_lib.models import DeepSpeech, speech_batches
from course_lib.models.speech_batches import BANDS, HOP, SpokenDigitBatches, letter_loss, letter_posteriors


@pytest.fixture(scope="module")
def speech():
    return DigitSpeech(generate.spoken_digits(speakers=["theo"], takes=range(1)))


@pytest.fixture(scope="module")
def batch(speech):
    rng = np.random.default_rng(0)
    return speech_batches.digit_speech_batch([speech.say(digits, rng) for digits in ([1, 2], [3, 3, 9, 0], [7])])


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return DeepSpeech(channels=(3, 4), width=12, dropout=0.0).eval()


def test_features_have_no_mean_in_any_band_unit_variance_and_zeros_behind(batch):
    for features, n in zip(batch.features, batch.lengths.tolist(), strict=True):
        torch.testing.assert_close(features[:n].mean(0), torch.zeros(BANDS), rtol=0, atol=1e-4)
        assert features[:n].square().mean().item() == pytest.approx(1.0, rel=1e-3)
        assert features[n:].eq(0).all()
    assert batch.lengths.max() == batch.features.shape[1]


@pytest.mark.parametrize("samples", [1, HOP - 1, HOP, 10 * HOP + 1])
def test_lengths_are_the_frames_of_a_centred_stft(samples):
    features, lengths = speech_batches.stretched_log_mel([np.ones(samples, np.float32)])
    assert features.shape == (1, lengths[0], BANDS)
    assert lengths.tolist() == [samples // HOP + 1]


@pytest.mark.parametrize("percent", [80, 93, 100, 107, 130])
def test_a_stretched_bank_is_the_plain_one_read_at_other_frequencies(percent):
    plain = speech_batches._bank(100).numpy()
    bins = np.arange(plain.shape[1])
    want = [np.interp(bins * percent / 100, bins, band, right=0.0) for band in plain]
    np.testing.assert_allclose(speech_batches._bank(percent).numpy(), want, atol=1e-5)


def test_stretch_and_masks_reach_the_batches(speech):
    plain, stretched, masked = (
        SpokenDigitBatches(speech, size=4, steps=10, **more)(5)
        for more in ({}, {"stretch": (0.8, 0.9)}, {"masks": {"freq_width": 9, "time_width": 9}})
    )
    assert torch.equal(plain.labels, stretched.labels)
    assert not torch.allclose(plain.features, stretched.features, atol=0.1)
    changed = plain.features != masked.features
    assert changed.any()
    assert masked.features[changed].eq(0).all()


def test_strings_are_short_in_the_first_fifth_of_the_steps(speech):
    batches = SpokenDigitBatches(speech, size=1, steps=100)
    spaces = [int((batches(step).labels == LETTER_CLASSES - 1).sum()) for step in range(100)]
    assert set(spaces[:20]) == {0, 1}
    assert set(spaces[20:]) == {1, 2, 3, 4}


def test_posteriors_are_those_of_evaluation_and_change_nothing(model, speech):
    audio = [speech.say([4, 2], np.random.default_rng(1)).audio]
    want, before = letter_posteriors(model, audio)[0], {k: v.clone() for k, v in model.state_dict().items()}
    model.train()
    got = letter_posteriors(model, audio)[0]
    assert model.training
    model.eval()
    np.testing.assert_array_equal(got, want)
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())


def test_stretches_are_averaged_geometrically(model, speech):
    audio = [speech.say([4, 2], np.random.default_rng(1)).audio]
    low, high, both = (letter_posteriors(model, audio, stretches=s)[0] for s in ((0.9,), (1.1,), (0.9, 1.1)))
    mean = np.sqrt(np.exp(low) * np.exp(high))
    np.testing.assert_allclose(np.exp(both), mean / mean.sum(1, keepdims=True), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("stretch", [[1.0], [1.0, 0.0], [1.0, 3.0], [1.0, float("nan")]])
def test_a_stretch_is_needed_for_each_utterance(stretch):
    with pytest.raises(ValueError, match=r"between 0\.5 and 2"):
        speech_batches.stretched_log_mel([np.ones(500)] * 2, stretch)


def test_as_many_texts_as_utterances():
    with pytest.raises(ValueError, match="2 utterances and 3 texts"):
        speech_batches.speech_batch([np.ones(500)] * 2, ["a", "b", "c"])


def test_posteriors_are_logs_of_probabilities_and_the_loss_is_a_mean(model, speech):
    string = speech.say([4], np.random.default_rng(1))
    rows = letter_posteriors(model, [string.audio, string.audio[:4000]])
    assert [len(row) for row in rows] == [-(-(len(x) // HOP + 1) // 2) for x in (string.audio, string.audio[:4000])]
    for row in rows:
        np.testing.assert_allclose(np.exp(row).sum(1), 1.0, rtol=1e-4)
    one, three = (letter_loss(model, speech_batches.digit_speech_batch([string] * n)).item() for n in (1, 3))
    label = speech_batches.digit_speech_batch([string]).labels[0]
    exact = torch.nn.functional.ctc_loss(
        torch.from_numpy(rows[0]), label, [len(rows[0])], [len(label)], reduction="sum"
    )
    assert one == pytest.approx(exact.item(), rel=1e-3)
    assert one == pytest.approx(three, rel=1e-4)
