"""The recogniser: shapes, independence of padding and batch, gradients, and that it learns without any times."""

import numpy as np
import pytest
import torch

from course_lib.data import generate
from course_lib.data.digit_strings import DigitSpeech
from course_lib.losses import ctc_loss
from course_lib.models import CTCRecogniser, best_path
from course_lib.models.digit_batches import BANDS, CLASSES, IGNORED, collate, log_mel_features


@pytest.fixture(scope="module")
def speech():
    return DigitSpeech(generate.spoken_digits(speakers=["theo"], takes=range(2)))


@pytest.fixture(scope="module")
def strings(speech):
    rng = np.random.default_rng(0)
    return [speech.say(digits, rng) for digits in ([1, 2], [3, 3, 3, 9, 0], [7])]


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 5, 8, 9, 101])
def test_steps_are_a_quarter_of_the_frames_rounded_up(frames):
    logits, steps = CTCRecogniser(width=8)(torch.randn(1, frames, BANDS), torch.tensor([frames]))
    assert steps.tolist() == [-(-frames // 4)]
    assert logits.shape == (1, steps[0], CLASSES)


def test_an_utterance_does_not_depend_on_its_batch(strings):
    model = CTCRecogniser(width=16).eval()
    together = collate(strings)
    logits, steps = model(together.features, together.lengths)
    for i, string in enumerate(strings):
        alone = collate([string])
        torch.testing.assert_close(together.features[i, : together.lengths[i]], alone.features[0], rtol=1e-4, atol=1e-4)
        one, count = model(alone.features, alone.lengths)
        assert count[0] == steps[i]
        torch.testing.assert_close(logits[i, : steps[i]], one[0], rtol=1e-4, atol=1e-4)


def test_padding_has_no_influence(strings):
    model, batch = CTCRecogniser(width=16).eval(), collate(strings)
    wider = torch.cat([batch.features, torch.zeros(3, 30, BANDS)], 1)
    a, steps = model(batch.features, batch.lengths)
    b, _ = model(wider, batch.lengths)
    for i, n in enumerate(steps):
        torch.testing.assert_close(a[i, :n], b[i, :n], rtol=1e-5, atol=1e-5)


def test_features_are_normalised_and_silence_is_finite(strings):
    batch = collate(strings)
    for f, n in zip(batch.features, batch.lengths, strict=True):
        torch.testing.assert_close(f[:n].mean(0), torch.zeros(BANDS), rtol=0, atol=1e-4)
        assert f[:n].square().mean().item() == pytest.approx(1.0, rel=1e-3)
        assert f[n:].eq(0).all()
    silent, _ = log_mel_features([np.zeros(4000, np.float32)])
    assert torch.isfinite(silent).all()


def test_step_labels_lie_where_the_digits_are(strings):
    batch = collate(strings)
    for labels, string, frames in zip(batch.step_labels, strings, batch.lengths.tolist(), strict=True):
        steps = -(-frames // 4)
        assert labels[steps:].eq(IGNORED).all()
        assert labels[:steps].ge(0).all()
        for step in range(steps):
            at = (4 * step + 1.5) * 80
            inside = [d + 1 for d, (start, end) in zip(string.digits, string.spans, strict=True) if start <= at < end]
            assert labels[step].item() == (inside[0] if inside else 0)
    assert batch.labels[1].tolist() == [4, 4, 4, 10, 1]
    assert batch.label_lengths.tolist() == [2, 5, 1]


def test_mask_blanks_whole_bands_only_when_asked(strings):
    plain, masked = collate(strings), collate(strings, mask_bands=8, rng=np.random.default_rng(3))
    changed = (plain.features != masked.features).any(1)
    assert changed.any()
    assert changed.sum(1).max() <= 8
    assert masked.features.transpose(1, 2)[changed].eq(0).all()


def test_gradients_reach_every_parameter_and_are_finite(strings):
    model, batch = CTCRecogniser(width=8), collate(strings)
    logits, steps = model(batch.features, batch.lengths)
    ctc_loss(logits.log_softmax(-1), batch.labels, steps, batch.label_lengths).mean().backward()
    for name, p in model.named_parameters():
        assert torch.isfinite(p.grad).all(), name
        assert p.grad.abs().sum() > 0, name


def test_learns_a_string_without_any_times(strings):
    torch.manual_seed(0)
    model, batch = CTCRecogniser(width=32, dropout=0.0), collate(strings[:1])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(75):
        logits, steps = model(batch.features, batch.lengths)
        loss = ctc_loss(logits.log_softmax(-1), batch.labels, steps, batch.label_lengths).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
    assert best_path(logits[0].detach().numpy()) == batch.labels[0].tolist()
