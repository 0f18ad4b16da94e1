"""The trained weights of unit 14 still do what their cards say: a change of a layer's layout would pass unseen."""

import numpy as np
import pytest
import torch

from course_lib import data, metrics, models
from course_lib.data import generate
from course_lib.data.digit_strings import DigitSpeech
from course_lib.data.speech_over_music import PAUSE, SpeechOverMusic, words_of
from course_lib.models import digit_batches
from course_lib.models.phrase_batches import HOP_SECONDS, collate_phrases


@pytest.fixture(scope="module")
def phrases():
    """Solo phrases of two voices that are not in the training."""
    voices = dict(list(generate.random_voices(16, seed=14).items())[12:14])
    words = words_of(voices, ["seven", "yes", "house", "green"])
    speech = SpeechOverMusic(words, [generate.noise(3.0, 8000, seed=1, rms=0.1)], words_per_phrase=(2, 2))
    return speech.draw(8, np.random.default_rng(0), snr_db=np.inf)


@torch.no_grad()
def test_the_joint_separator_aligns(phrases):
    batch = collate_phrases(phrases)
    given = batch.mixture, batch.lengths, batch.symbols, batch.symbol_lengths
    _, weights = models.pretrained("text_informed_joint")(*given)
    scores = []
    for p, look, n, m in zip(phrases, weights, batch.lengths.tolist(), batch.symbol_lengths.tolist(), strict=True):
        found = models.align(look[:n, :m].numpy(), HOP_SECONDS)
        counted = [phone != PAUSE for phone in p.phones]
        scores.append(metrics.correctly_aligned(found.onsets, p.onsets, p.seconds, counted))
    assert np.mean(scores) > 70                                        # the card: 72 at 0 dB, 80 solo; evenly: 56


@torch.no_grad()
def test_the_sequential_separator_uses_its_phones(phrases):
    model, batch = models.pretrained("text_informed_phonemes"), collate_phrases(phrases)
    right, wrong = (
        models.spectrogram_loss(model(batch.mixture, batch.lengths, s, batch.lengths)[0], batch.voice, batch.lengths)
        for s in (batch.frame_symbols, 0 * batch.frame_symbols)
    )
    assert right < 0.5 * wrong


def test_the_recogniser_spells():
    try:
        takes = data.spoken_digits(speakers=["george", "jackson"], takes=range(3))
    except data.DataUnavailable as error:
        pytest.skip(str(error))
    strings = DigitSpeech(takes).draw(30, np.random.default_rng(0), lengths=(1, 4))
    batch = digit_batches.collate(strings)
    found = models.pretrained("attention_digits").transcribe(batch.features, batch.lengths)
    rate = metrics.error_rate([[d + 1 for d in s.digits] for s in strings], [t.symbols for t in found]).rate
    assert rate < 0.2                                                  # the card: 7.7 % over all speakers
