"""The separator and the aligner: shapes, padding, gradients, and that a text is learned from separation alone."""

import numpy as np
import pytest
import torch

from course_lib.data import generate
from course_lib.data.speech_over_music import SpeechOverMusic, words_of
from course_lib.models import PhoneClassifier, TextInformedSeparator, diagonal_penalty, spectrogram_loss
from course_lib.models.phrase_batches import BINS, HOP, collate_phrases, filtered, magnitudes, text


@pytest.fixture(scope="module")
def phrases():
    words = words_of({"george": generate.VOICES["george"]}, ["yes", "three"])
    speech = SpeechOverMusic(words, [generate.noise(3.0, 8000, seed=1, rms=0.1)], words_per_phrase=(1, 3))
    return speech.draw(3, np.random.default_rng(0), snr_db=0.0)


def given(batch, side):
    return (batch.symbols, batch.symbol_lengths) if side == "text" else (batch.frame_symbols, batch.lengths)


@pytest.mark.parametrize("side", ["text", "frames"])
@pytest.mark.parametrize("layers", [1, 2])
def test_a_phrase_does_not_depend_on_its_batch(phrases, side, layers):
    model, batch = TextInformedSeparator(width=8, layers=layers, side=side).eval(), collate_phrases(phrases)
    voice, weights = model(batch.mixture, batch.lengths, *given(batch, side))
    assert voice.shape == batch.voice.shape
    for i, phrase in enumerate(phrases):
        alone = collate_phrases([phrase])
        one, look = model(alone.mixture, alone.lengths, *given(alone, side))
        torch.testing.assert_close(voice[i, : one.shape[1]], one[0], rtol=1e-4, atol=1e-5)
        assert voice[i, one.shape[1] :].eq(0).all()
        if side == "text":
            torch.testing.assert_close(weights[i, : look.shape[1], : look.shape[2]], look[0], rtol=1e-4, atol=1e-5)
            assert weights[i, :, look.shape[2] :].eq(0).all()
        else:
            assert weights is None


@pytest.mark.parametrize("side", ["text", "frames"])
def test_gradients_reach_every_parameter(phrases, side):
    model, batch = TextInformedSeparator(width=8, side=side), collate_phrases(phrases)
    spectrogram_loss(model(batch.mixture, batch.lengths, *given(batch, side))[0], batch.voice, batch.lengths).backward()
    for name, p in model.named_parameters():
        assert torch.isfinite(p.grad).all(), name
        assert p.grad.abs().sum() > 0, name


def test_side_must_be_known():
    with pytest.raises(ValueError, match="side"):
        TextInformedSeparator(side="lyrics")


def test_the_classifier_ignores_padding(phrases):
    model, batch = PhoneClassifier(width=8).eval(), collate_phrases(phrases)
    for i, row in enumerate(model.scores(batch.mixture, batch.lengths)):
        alone = collate_phrases([phrases[i]])
        np.testing.assert_allclose(row, model.scores(alone.mixture, alone.lengths)[0], atol=1e-4)
        np.testing.assert_allclose(np.exp(row).sum(1), 1, atol=1e-5)


def test_places_hold_the_centre_of_each_frame(phrases):
    batch = collate_phrases(phrases)
    for row, phrase, n in zip(batch.frame_symbols, phrases, batch.lengths.tolist(), strict=True):
        ends = [*phrase.onsets[1:], np.inf]
        for frame in range(n):
            at = frame * HOP / 8000
            inside = [p for p, a, b in zip(phrase.phones, phrase.onsets, ends, strict=True) if a <= at + 1e-9 < b]
            assert text(inside).tolist() == [row[frame].item()]


@pytest.mark.parametrize("samples", [700, 8000, 12345])
def test_the_mixture_through_its_own_magnitudes_is_itself(samples):
    x = torch.randn(samples)
    estimate = magnitudes([x.numpy()])[0][0]
    torch.testing.assert_close(filtered(x, 1.7 * estimate, 1.7), x, rtol=1e-3, atol=1e-3)
    assert estimate.shape[1] == BINS
    assert filtered(x, 0 * estimate, 1.0).eq(0).all()


def test_the_penalty_is_small_on_the_diagonal_only():
    lengths, symbols = torch.tensor([10]), torch.tensor([10])
    straight, crossed = torch.eye(10)[None], torch.eye(10).flip(0)[None]
    assert diagonal_penalty(straight, lengths, symbols) < 1e-6
    assert diagonal_penalty(crossed, lengths, symbols) > 0.5


def test_the_right_text_is_worth_more_than_a_wrong_one():
    """Two spectra, one of which the text names: only the text tells which part of the mixture is the voice."""
    torch.manual_seed(0)
    model = TextInformedSeparator(bins=8, symbols=3, width=12)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    shapes = torch.eye(2).repeat_interleave(4, 1)                      # symbol 1: low bins, symbol 2: high bins
    mixture, lengths = torch.ones(2, 12, 8), torch.tensor([12, 12])
    symbols, symbol_lengths = torch.tensor([[1], [2]]), torch.tensor([1, 1])
    voice = shapes[:, None].expand(-1, 12, -1)
    for _ in range(60):
        loss = spectrogram_loss(model(mixture, lengths, symbols, symbol_lengths)[0], voice, lengths)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    wrong = spectrogram_loss(model(mixture, lengths, symbols.flip(0), symbol_lengths)[0], voice, lengths)
    assert loss < 0.05
    assert wrong > 0.3


def test_losses_are_means_over_what_exists_whatever_padding_holds():
    lengths, symbol_lengths = torch.tensor([6, 3]), torch.tensor([4, 2])
    torch.manual_seed(0)
    estimate, voice = torch.rand(2, 6, 5), torch.rand(2, 6, 5)
    weights = torch.rand(2, 6, 4).softmax(-1)
    weights[1, :, 2:] = 0
    estimate[1, 3:], voice[1, 3:], weights[1, 3:, :2] = 0, 0, 0.5      # the separator puts out zeros beyond the end
    errors = [(estimate[i, n, k] - voice[i, n, k]) ** 2 for i in range(2) for n in range(lengths[i]) for k in range(5)]
    torch.testing.assert_close(spectrogram_loss(estimate, voice, lengths), torch.stack(errors).mean())
    penalty = []
    for i in range(2):
        for n in range(lengths[i]):
            away = torch.tensor([
                1 - np.exp(-(((n + 0.5) / lengths[i].item() - (m + 0.5) / symbol_lengths[i].item()) / 0.15) ** 2 / 2)
                for m in range(symbol_lengths[i])
            ])
            penalty.append((weights[i, n, : len(away)] * away).sum())
    found = diagonal_penalty(weights, lengths, symbol_lengths)
    torch.testing.assert_close(found, torch.stack(penalty).mean().to(found))


def test_no_magnitude_is_negative_and_some_are_zero(phrases):
    torch.manual_seed(0)
    model, batch = TextInformedSeparator(width=8), collate_phrases(phrases)
    voice, _ = model(batch.mixture, batch.lengths, *given(batch, "text"))
    inside = voice[0, : batch.lengths[0]]
    assert (inside >= 0).all()
    assert 0.1 < inside.eq(0).float().mean() < 0.9
