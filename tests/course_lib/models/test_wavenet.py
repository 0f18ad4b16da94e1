"""WaveNet: causality, conditions, gradients, and cached generation equal to naive generation."""

import math

import pytest
import torch

from course_lib import data, models
from course_lib.data import store
from course_lib.models import SampleRNN, WaveNet, generate, generate_naive, past_of, pick_class

SMALL = {"channels": 6, "skip": 5, "blocks": 3, "stacks": 2, "upsampling": (4, 5)}


def small(**kwargs):
    torch.manual_seed(0)
    model = WaveNet(**SMALL, **kwargs)
    for p in model.parameters():                   # larger than the usual start, so that errors show
        p.data += 0.3 * torch.randn_like(p)
    return model


@pytest.mark.parametrize("samples", [1, 7, 60])
def test_shapes(samples):
    model = small(global_size=3, local_size=4)
    logits = model(torch.zeros(2, samples), torch.zeros(2, 3), torch.zeros(2, 4, 3))
    assert logits.shape == (2, 256, samples)
    assert model.bits(torch.zeros(2, samples, dtype=torch.long), torch.zeros(2, 3), torch.zeros(2, 4, 3)).shape == (
        2, samples)


def test_output_sees_its_receptive_field_and_nothing_after():
    model = small().double()
    assert model.receptive_field == 15
    past = torch.randn(1, 40, dtype=torch.float64, requires_grad=True)
    model(past)[0, :, 30].square().sum().backward()
    assert torch.nonzero(past.grad[0]).flatten().tolist() == list(range(16, 31))


def test_the_network_never_hears_the_sample_it_predicts():
    model, classes = small(), torch.randint(256, (1, 30))
    other = classes.clone()
    other[0, 20:] = 255 - other[0, 20:]
    before, after = model.bits(classes), model.bits(other)
    assert torch.equal(before[:, :20], after[:, :20])
    assert torch.equal(model(past_of(classes))[..., 20], model(past_of(other))[..., 20])
    assert past_of(classes)[0, 0] == 0
    assert past_of(classes)[0, 1] == 2 * classes[0, 0] / 255 - 1


def test_an_untrained_network_knows_nothing():
    torch.manual_seed(0)
    assert float(WaveNet(**SMALL).bits(torch.randint(256, (2, 200))).mean().detach()) == pytest.approx(8, abs=0.3)


def test_padding_has_no_influence():
    model = small(global_size=2, local_size=3)
    classes, world, local = torch.randint(256, (2, 40)), torch.randn(2, 2), torch.randn(2, 3, 2)
    whole = model.bits(classes, world, local)
    torch.testing.assert_close(model.bits(classes[:1], world[:1], local[:1]), whole[:1])
    torch.testing.assert_close(model.bits(classes[:, :25], world, local), whole[:, :25])


def test_gradient_reaches_every_parameter():
    model = small(global_size=2, local_size=3)
    model.bits(torch.randint(256, (2, 40)), torch.randn(2, 2), torch.randn(2, 3, 2)).mean().backward()
    last = model.blocks[-1].residual                # its output goes nowhere
    idle = {id(p) for p in last.parameters()}
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters() if id(p) not in idle)


@pytest.mark.parametrize(("global_size", "local_size"), [(0, 0), (3, 0), (0, 5), (3, 5)])
@pytest.mark.parametrize("batch", [1, 3])
def test_cached_generation_equals_naive(global_size, local_size, batch):
    model = small(global_size=global_size, local_size=local_size).double()
    uniform = torch.rand(batch, 60, dtype=torch.float64)
    world = torch.randn(batch, global_size, dtype=torch.float64) if global_size else None
    local = torch.randn(batch, local_size, 3, dtype=torch.float64) if local_size else None
    slow, slow_logits = generate_naive(model, uniform, world, local, temperature=0.8)
    fast, fast_logits = generate(model, uniform, world, local, temperature=0.8, return_logits=True)
    assert torch.equal(slow, fast)
    torch.testing.assert_close(slow_logits, fast_logits, rtol=0, atol=1e-6)
    torch.testing.assert_close(model(past_of(fast).double(), world, local) / 0.8, fast_logits, rtol=0, atol=1e-6)


def test_full_size_in_float32_to_1e_5():
    torch.manual_seed(1)
    model = WaveNet(global_size=2, local_size=3)
    uniform, world, local = torch.rand(1, 50), torch.randn(1, 2), torch.randn(1, 3, 1)
    slow, slow_logits = generate_naive(model, uniform, world, local)
    fast, fast_logits = generate(model, uniform, world, local, return_logits=True)
    assert torch.equal(slow, fast)
    torch.testing.assert_close(slow_logits, fast_logits, rtol=0, atol=1e-5)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device: the step is recorded as a CUDA graph")
def test_cuda_graph_draws_the_same_samples():
    model = small(global_size=2, local_size=3)
    uniform, world, local = torch.rand(2, 60), torch.randn(2, 2), torch.randn(2, 3, 3)
    want, logits = generate(model.double(), uniform.double(), world.double(), local.double(), return_logits=True)
    there = [v.double().cuda() for v in (uniform, world, local)]
    got, graph_logits = generate(model.cuda(), *there, return_logits=True)
    assert torch.equal(want, got.cpu())
    torch.testing.assert_close(logits, graph_logits.cpu(), rtol=0, atol=1e-6)


def test_step_repeats_without_python_numbers():
    """What the CUDA graph relies on: after a reset the very same step gives the very same sound."""
    from course_lib.models import CachedGenerator

    generator = CachedGenerator(small(), torch.rand(1, 30), keep_logits=True)
    first, logits = generator.run(), generator.kept.clone()
    assert torch.equal(generator.run(), first)
    assert torch.equal(generator.kept, logits)
    assert not first.is_inference()


@pytest.mark.parametrize("known", [1, 10, 40])
def test_naive_generation_goes_on_from_what_came_before(known):
    model = small(global_size=2, local_size=3).double()
    uniform = torch.rand(2, 50, dtype=torch.float64)
    condition = torch.randn(2, 2, dtype=torch.float64), torch.randn(2, 3, 3, dtype=torch.float64)
    classes, logits = generate_naive(model, uniform, *condition)
    rest, rest_logits = generate_naive(model, uniform[:, known:], *condition, before=classes[:, :known])
    assert torch.equal(rest, classes[:, known:])
    torch.testing.assert_close(rest_logits, logits[..., known:], rtol=0, atol=1e-9)


def test_a_frame_of_the_local_condition_stays_at_its_time():
    """The frames that a sample sees are, mirrored in time, those that the mirrored sample sees."""
    from course_lib.models.wavenet import Upsampler

    torch.manual_seed(0)
    local, frames = torch.randn(1, 3, 9, requires_grad=True), 9
    y = Upsampler(3, 4, (8, 10))(local)[0].sum(0)
    assert y.shape == (80 * frames,)

    def seen(t):
        (grad,) = torch.autograd.grad(y[t], local, retain_graph=True)
        return set(torch.nonzero(grad[0].any(0)).flatten().tolist())

    for t in range(240, 320):
        assert 3 in seen(t)
        assert {frames - 1 - n for n in seen(t)} == seen(80 * frames - 1 - t)


def test_other_kernels_are_refused():
    with pytest.raises(ValueError, match="kernel 2"):
        generate(WaveNet(**SMALL, kernel=3), torch.rand(1, 4))


@pytest.mark.parametrize("draw", [generate, generate_naive])
def test_what_does_not_fit_the_model_is_refused(draw):
    model, uniform, world, local = small(global_size=2, local_size=3), torch.rand(2, 50), torch.rand(2, 2), torch.rand(
        2, 3, 3)
    for temperature in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="temperature"):
            draw(model, uniform, world, local, temperature=temperature)
    for wrong in (uniform.double(), uniform[0]):
        with pytest.raises(ValueError, match="uniform"):
            draw(model, wrong, world, local)
    for wrong in (None, world[:1], torch.rand(2, 5)):
        with pytest.raises(ValueError, match="needs world"):
            draw(model, uniform, wrong, local)
    for wrong in (None, local[:1], local[:, :2]):
        with pytest.raises(ValueError, match="needs local"):
            draw(model, uniform, world, wrong)
    with pytest.raises(ValueError, match="2 frames of the local condition are too few for 50"):
        draw(model, uniform, world, local[..., :2])


def test_classes_come_as_often_as_their_probability():
    p = torch.tensor([0.1, 0.6, 0.3])
    u = (torch.arange(1000) + 0.5)[:, None] / 1000
    drawn = pick_class(p.log().expand(1000, 3), u)
    assert torch.bincount(drawn.flatten()).tolist() == [100, 600, 300]
    assert pick_class(torch.zeros(1, 4), torch.tensor([[1 - 1e-7]])).item() == 3


def test_draws_at_the_steps_of_the_distribution():
    """The first class whose running sum exceeds u: never one of probability 0; rounded sums that end below u."""
    assert pick_class(torch.zeros(1, 4), torch.tensor([[0.25]])).item() == 1
    assert pick_class(torch.tensor([[-1e4, 0.0, 0.0]]), torch.tensor([[0.0]])).item() == 1
    logits = torch.randn(200, 33, generator=torch.Generator().manual_seed(0))
    u = torch.full((200, 1), 1 - 2**-24)
    assert (torch.softmax(logits, -1).cumsum(-1)[:, -1:] <= u).any()
    assert pick_class(logits, u).unique().tolist() == [32]


def test_the_past_of_bytes_is_that_of_the_classes():
    classes = torch.randint(256, (1, 30))
    assert torch.equal(past_of(classes.byte()), past_of(classes))


@pytest.mark.parametrize("samples", [1, 16, 37])
def test_sample_rnn_is_causal_and_generates_what_it_scores(samples):
    torch.manual_seed(0)
    model = SampleRNN(frame=8, hidden=12, width=10)
    drawn = model.generate(torch.rand(2, samples))
    assert drawn.shape == (2, samples)
    assert model.bits(drawn).shape == (2, samples)
    assert model.bits(drawn).isfinite().all()
    past = torch.randn(1, samples, requires_grad=True)
    t = samples // 2
    model(past)[0, :, t].square().sum().backward()
    assert not past.grad[0, t + 1 :].any()
    assert past.grad[0, t] != 0
    assert all(p.grad is not None for p in model.parameters())


def test_sample_rnn_draws_from_the_logits_of_its_forward_pass():
    torch.manual_seed(0)
    model = SampleRNN(frame=4, hidden=9, width=8).double()
    uniform = torch.rand(2, 23, dtype=torch.float64)
    drawn = model.generate(uniform)
    with torch.no_grad():
        logits = model(past_of(drawn).double())
    again = torch.stack([pick_class(logits[..., t], uniform[:, t, None].contiguous())[:, 0] for t in range(23)], 1)
    assert torch.equal(drawn, again)


NO_DIGITS = store.local_count(data.dataset("spoken_digits")) < data.dataset("spoken_digits").files


@pytest.mark.data
@pytest.mark.skipif(NO_DIGITS, reason="spoken_digits is not on this machine: set COURSE_DATA_MIRROR")
def test_the_weights_of_the_course_have_the_bits_of_their_card():
    """On one take per digit and speaker: plan, upsampling, network and classes are those of the training."""
    from course_lib.models import digit_wavenet, speech_plan

    plans = [speech_plan.plan(take) for take in data.spoken_digits(speakers=digit_wavenet.SPEAKERS, takes=[0])]
    bits = digit_wavenet.whole_bits(models.pretrained("wavenet_digits"), plans)
    assert bits == pytest.approx(float(models.pretrained_card("wavenet_digits").score.split()[0]), abs=0.15)
