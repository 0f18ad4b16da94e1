"""Deep Speech in small: time arithmetic, padding, gradients, features of stretched voices, and that it learns."""

import numpy as np
import pytest
import torch

from course_lib.data import generate
from course_lib.data.digit_strings import DigitSpeech
from course_lib.data.letters import LETTER_CLASSES, spelled, to_letters, to_text
from course_lib.models import DeepSpeech, best_path
from course_lib.models.deep_speech import ConvBlock, conv_length, output_steps, steps_needed
from course_lib.models.speech_batches import (
    BANDS,
    SpokenDigitBatches,
    digit_speech_batch,
    letter_loss,
    letter_posteriors,
    speech_batch,
    stretched_log_mel,
)


@pytest.fixture(scope="module")
def speech():
    return DigitSpeech(generate.spoken_digits(speakers=["theo"], takes=range(1)))


@pytest.fixture(scope="module")
def strings(speech):
    rng = np.random.default_rng(0)
    return [speech.say(digits, rng) for digits in ([1, 2], [3, 3, 9, 0], [7])]


def small(**more):
    torch.manual_seed(0)
    return DeepSpeech(**{"channels": (3, 4), "width": 12, "dropout": 0.0, **more})


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 7, 8, 31, 101])
def test_steps_are_what_the_convolutions_give(frames):
    logits, steps = small()(torch.randn(1, frames, BANDS), torch.tensor([frames]))
    assert steps.tolist() == [output_steps(frames)] == [-(-frames // 2)]
    assert logits.shape == (1, steps[0], LETTER_CLASSES)


@pytest.mark.parametrize(
    ("n", "kernel", "stride", "padding"), [(10, 3, 1, 0), (11, 4, 3, 2), (50, 7, 2, 3), (9, 9, 5, 0)]
)
def test_conv_length_is_torchs(n, kernel, stride, padding):
    out = torch.nn.functional.conv1d(torch.zeros(1, 1, n), torch.zeros(1, 1, kernel), stride=stride, padding=padding)
    assert conv_length(n, kernel, stride, padding) == out.shape[-1]


def test_steps_needed_is_where_the_ctc_loss_becomes_finite():
    for word in ("three", "six", "aab", "bbb", ""):
        label = to_letters(word)
        for steps in range(1, 9):
            loss = torch.nn.functional.ctc_loss(
                torch.zeros(steps, 1, LETTER_CLASSES).log_softmax(-1), torch.tensor([label], dtype=torch.long),
                [steps], [len(label)],
            )
            assert torch.isfinite(loss) == (steps >= steps_needed(label))


@pytest.mark.parametrize("training", [False, True])
def test_a_block_is_convolution_batch_norm_and_a_relu_clipped_at_20(training):
    torch.manual_seed(0)
    block, norm, x = ConvBlock(2, 3, (5, 3), (2, 1)), torch.nn.BatchNorm2d(3), torch.randn(1, 2, 8, 9)
    block.norm.weight.data[:] = norm.weight.data[:] = torch.tensor([1.0, 30.0, -2.0])
    got, steps = block.train(training)(x, torch.tensor([9]))
    plain = torch.nn.functional.conv2d(x, block.conv.weight, stride=(2, 1), padding=(2, 1))
    want = norm.train(training)(plain).clamp(0, 20)
    torch.testing.assert_close(got, want, rtol=1e-4, atol=1e-5)
    assert want.max() == 20.0 or not training
    assert steps.tolist() == [9]
    assert got.shape == (1, 3, 4, 9)


def test_dropout_is_active_in_training_only():
    x, n = torch.randn(1, 12, BANDS), torch.tensor([12])
    model = small(dropout=0.5)
    assert not torch.equal(model.train()(x, n)[0], model(x, n)[0])
    assert torch.equal(model.eval()(x, n)[0], model(x, n)[0])


@pytest.mark.parametrize("training", [False, True])
def test_padding_has_no_influence(strings, training):
    batch = digit_speech_batch(strings)
    wider = torch.cat([batch.features, torch.zeros(3, 30, BANDS)], 1)
    a, steps = small(layers=2).train(training)(batch.features, batch.lengths)
    b, _ = small(layers=2).train(training)(wider, batch.lengths)
    for i, n in enumerate(steps):
        torch.testing.assert_close(a[i, :n], b[i, :n], rtol=1e-4, atol=1e-5)


def test_an_utterance_does_not_depend_on_its_batch_in_evaluation(strings):
    model = small().eval()
    together = letter_posteriors(model, [s.audio for s in strings])
    for string, row in zip(strings, together, strict=True):
        np.testing.assert_allclose(row, letter_posteriors(model, [string.audio])[0], rtol=1e-3, atol=1e-3)


def test_gradients_reach_every_parameter(strings):
    model = small(layers=2)
    letter_loss(model, digit_speech_batch(strings)).backward()
    for name, p in model.named_parameters():
        assert torch.isfinite(p.grad).all(), name
        assert p.grad.abs().sum() > 0, name


def test_an_impossible_text_counts_as_zero_and_gives_no_gradient():
    batch = speech_batch([np.zeros(800, np.float32)], ["far too long a text for so little sound"])
    loss = letter_loss(small(), batch)
    assert loss.item() == 0.0


def test_labels_are_the_letters(strings):
    batch = digit_speech_batch(strings)
    for row, n, string in zip(batch.labels, batch.label_lengths, strings, strict=True):
        assert to_text(row[:n].tolist()) == spelled(string.digits)


def test_a_stretched_voice_has_its_formants_higher():
    tone = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000).astype(np.float32)
    peaks = []
    for factor in (0.85, 1.0, 1.18):
        features, lengths = stretched_log_mel([tone + 1e-3 * np.random.default_rng(0).standard_normal(8000)], [factor])
        assert lengths.tolist() == [81]
        assert features.shape == (1, 81, BANDS)
        assert torch.isfinite(features).all()
        peaks.append(int(stretched_peak(tone, factor)))
    assert peaks[0] < peaks[1] < peaks[2]
    assert torch.isfinite(stretched_log_mel([np.zeros(2000)])[0]).all()


def stretched_peak(tone, factor):
    """Band of the largest energy: of a tone that starts in the middle, so that its mean does not hide it."""
    x = np.where(np.arange(8000) < 4000, 0.0, tone)
    return stretched_log_mel([x], [factor])[0][0, 60].argmax()


def test_batches_are_a_function_of_seed_and_step(speech):
    make = lambda seed: SpokenDigitBatches(  # noqa: E731
        speech, size=3, steps=10, seed=seed, stretch=(0.9, 1.1), masks={"freq_width": 5, "time_width": 5}
    )
    assert torch.equal(make(1)(4).features, make(1)(4).features)
    assert not torch.equal(make(1)(4).labels, make(2)(4).labels)
    assert make(1)(0).label_lengths.max() <= 11
    assert len({len(to_text(r[:n].tolist()).split()) for r, n in
                zip(make(1)(9).labels, make(1)(9).label_lengths, strict=True)}) == 1


def test_learns_a_string_without_any_times(strings):
    model, batch = small(width=32), digit_speech_batch(strings[:1])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(120):
        optimizer.zero_grad()
        letter_loss(model, batch).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
    assert to_text(best_path(model(batch.features, batch.lengths)[0][0].detach().numpy())) == "one two"


def test_what_stands_in_the_padding_does_not_matter():
    torch.manual_seed(0)
    model, x, n = DeepSpeech(channels=(3, 4), width=12).eval(), torch.randn(1, 16, 40), torch.tensor([10])
    other = x.clone()
    other[:, 10:] = float("nan")
    torch.testing.assert_close(model(other, n)[0][:, :5], model(x, n)[0][:, :5])


@pytest.mark.parametrize("wrong", [{"channels": (4,)}, {"channels": (4, 4, 4)}, {"layers": 0}])
def test_a_shape_that_is_not_built_is_told(wrong):
    with pytest.raises(ValueError, match="two convolutions"):
        DeepSpeech(**wrong)
