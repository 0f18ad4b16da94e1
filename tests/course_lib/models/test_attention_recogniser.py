"""The recogniser: padding, gradients, teacher forcing against its own steps, and that it learns to spell."""

import numpy as np
import pytest
import torch

from course_lib.data import generate
from course_lib.data.digit_strings import DigitSpeech
from course_lib.models import AttentionRecogniser, string_loss
from course_lib.models.attention_recogniser import EDGE
from course_lib.models.digit_batches import collate


@pytest.fixture(scope="module")
def strings():
    speech, rng = DigitSpeech(generate.spoken_digits(speakers=["theo"], takes=range(2))), np.random.default_rng(0)
    return [speech.say(digits, rng) for digits in ([1, 2], [3, 3, 9, 0], [7])]


@pytest.mark.parametrize("score", ["additive", "bilinear"])
def test_a_string_does_not_depend_on_its_batch(strings, score):
    model, batch = AttentionRecogniser(width=16, score=score).eval(), collate(strings)
    logits, weights = model(batch.features, batch.lengths, batch.labels)
    assert logits.shape == (3, 5, 11)
    for i, string in enumerate(strings):
        alone = collate([string])
        one, look = model(alone.features, alone.lengths, alone.labels)
        torch.testing.assert_close(logits[i, : one.shape[1]], one[0], rtol=1e-3, atol=1e-3)
        torch.testing.assert_close(weights[i, : one.shape[1], : look.shape[2]], look[0], rtol=1e-3, atol=1e-3)
        assert weights[i, :, look.shape[2] :].eq(0).all()


def test_the_loss_counts_symbols_and_the_end_and_nothing_beyond(strings):
    model, batch = AttentionRecogniser(width=8).eval(), collate(strings)
    logits, _ = model(batch.features, batch.lengths, batch.labels)
    rows = []
    for row, label, n in zip(logits.log_softmax(-1), batch.labels, batch.label_lengths.tolist(), strict=True):
        rows += [-row[i, k] for i, k in enumerate([*label[:n].tolist(), EDGE])]
    torch.testing.assert_close(string_loss(logits, batch.labels, batch.label_lengths), torch.stack(rows).mean())


def test_gradients_reach_every_parameter(strings):
    model, batch = AttentionRecogniser(width=8), collate(strings)
    string_loss(model(batch.features, batch.lengths, batch.labels)[0], batch.labels, batch.label_lengths).backward()
    for name, p in model.named_parameters():
        assert torch.isfinite(p.grad).all(), name
        assert p.grad.abs().sum() > 0, name


def test_it_learns_to_spell_and_reads_its_own_symbols(strings):
    torch.manual_seed(0)
    model, batch = AttentionRecogniser(width=24, dropout=0.0), collate(strings)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(60):
        logits, _ = model(batch.features, batch.lengths, batch.labels)
        loss = string_loss(logits, batch.labels, batch.label_lengths)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    for found, string in zip(model.eval().transcribe(batch.features, batch.lengths), strings, strict=True):
        assert found.symbols == [d + 1 for d in string.digits]
        assert len(found.weights) == len(found.symbols) + 1
        torch.testing.assert_close(found.weights.sum(1), torch.ones(len(found.weights)))


def test_a_limit_ends_what_does_not_end(strings):
    batch = collate(strings[:1])
    assert len(AttentionRecogniser(width=8).eval().transcribe(batch.features, batch.lengths, limit=2)[0].symbols) <= 2


def test_the_decoder_reads_what_it_saw_at_the_step_before(strings):
    model, batch = AttentionRecogniser(width=8).eval(), collate(strings)
    h, steps = model.encode(batch.features, batch.lengths)
    mask = torch.arange(h.shape[1]) < steps[:, None]
    output, cell, seen = model.start(h)
    seen = seen.requires_grad_()
    logits, _, (_, _, now) = model.step(batch.labels[:, 0], (output, cell, seen), h, mask)
    (grad,) = torch.autograd.grad(logits.square().sum(), seen, retain_graph=True)
    assert (grad.abs().sum(1) > 0).all()
    _, weights, (_, _, later) = model.step(batch.labels[:, 0], (output, cell, now), h, mask)
    torch.testing.assert_close(later, (weights[:, None] @ h)[:, 0])


def test_a_transcript_has_the_weights_of_its_own_steps_only(strings):
    model, batch = AttentionRecogniser(width=8).eval(), collate(strings)
    assert len(set(batch.lengths.tolist())) > 1
    for found, n in zip(model.transcribe(batch.features, batch.lengths, limit=3), batch.lengths.tolist(), strict=True):
        assert found.weights.shape[1] == -(-n // 4)


def test_padding_of_the_labels_may_be_negative(strings):
    torch.manual_seed(0)
    model, batch = AttentionRecogniser(width=8).eval(), collate(strings)
    there = torch.arange(batch.labels.shape[1]) < batch.label_lengths[:, None]
    logits = [model(batch.features, batch.lengths, batch.labels.masked_fill(~there, pad))[0] for pad in (-100, EDGE)]
    assert torch.equal(*logits)


def test_it_refuses_an_unknown_score_and_no_symbol(strings):
    with pytest.raises(ValueError, match="additive"):
        AttentionRecogniser(score="dot")
    batch = collate(strings)
    with pytest.raises(ValueError, match="limit"):
        AttentionRecogniser(width=8).eval().transcribe(batch.features, batch.lengths, 0)
