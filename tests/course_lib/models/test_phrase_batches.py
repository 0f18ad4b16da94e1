"""Phrases as tensors: scale and compression of the magnitudes, padding, numbers of the symbols, the output stage."""

import numpy as np
import pytest
import torch

from course_lib.data import generate
from course_lib.data.speech_over_music import SpeechOverMusic, words_of
from course_lib.models.phrase_batches import (
    BINS,
    HOP,
    N_FFT,
    SYMBOLS,
    collate_phrases,
    filtered,
    magnitudes,
    text,
)


@pytest.fixture(scope="module")
def phrases():
    words = words_of({"george": generate.VOICES["george"]}, ["yes", "three"])
    speech = SpeechOverMusic(words, [generate.noise(3.0, 8000, seed=1, rms=0.1)], words_per_phrase=(1, 3))
    return speech.draw(4, np.random.default_rng(0), snr_db=0.0)


def test_magnitudes_are_roots_of_those_of_scipy(phrases):
    from scipy.signal import ShortTimeFFT
    from scipy.signal.windows import hann

    x = phrases[0].mixture
    found, lengths = magnitudes([x])
    transform = ShortTimeFFT(hann(N_FFT, sym=False), HOP, 8000, scale_to=None)
    want = transform.stft(x.astype(np.float64), p0=0, p1=int(lengths[0]))
    np.testing.assert_allclose(found[0], np.abs(want.T) ** 0.5, atol=1e-3)


def test_each_mixture_has_unit_mean_square_and_its_voice_the_same_scale(phrases):
    batch = collate_phrases(phrases)
    assert len(set(batch.lengths.tolist())) > 1
    for i, n in enumerate(batch.lengths.tolist()):
        mixture, voice = batch.mixture[i], batch.voice[i]
        assert mixture[:n].square().mean().item() == pytest.approx(1, rel=1e-4)
        plain_mixture, plain_voice = (magnitudes([x])[0][0] for x in (phrases[i].mixture, phrases[i].voice))
        scale = plain_mixture.square().mean().rsqrt()
        torch.testing.assert_close(mixture[:n], plain_mixture * scale, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(voice[:n], plain_voice * scale, rtol=1e-4, atol=1e-5)
        assert mixture[n:].eq(0).all()
        assert voice[n:].eq(0).all()


def test_the_scale_undoes_itself_and_goes_with_the_batch(phrases):
    batch = collate_phrases(phrases).to("cpu")
    plain, _ = magnitudes([p.mixture for p in phrases])
    assert torch.allclose(batch.mixture / batch.scale[:, None, None], plain, rtol=1e-5, atol=1e-6)


def test_no_symbols_are_whole_numbers_too():
    assert text("").dtype == text("> S").dtype == torch.long


def test_the_mask_is_true_where_there_is_a_symbol(phrases):
    batch = collate_phrases(phrases)
    for row, symbols, phrase in zip(batch.mask, batch.symbols, phrases, strict=True):
        assert row.tolist() == [i < len(phrase.phones) for i in range(len(row))]
        assert torch.equal(symbols[row], text(phrase.phones))


def test_the_pause_is_symbol_0_and_the_phones_follow():
    assert len(SYMBOLS) == 41
    assert text("> Y EH S >").tolist() == [0, SYMBOLS.index("Y"), SYMBOLS.index("EH"), SYMBOLS.index("S"), 0]
    assert text(["S"]).tolist() == text("S").tolist()


def test_the_output_is_never_louder_than_the_mixture_and_never_turned_round():
    x = torch.from_numpy(generate.noise(0.5, 8000, seed=3, rms=0.1))
    level = magnitudes([x.numpy()])[0][0]
    torch.testing.assert_close(filtered(x, 3 * level, 1.0), x, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(filtered(x, 0.5 * level, 1.0), 0.25 * x, rtol=1e-3, atol=1e-4)
    assert filtered(x, -level, 1.0).eq(0).all()
    assert level.shape == (4000 // HOP + 1, BINS)
