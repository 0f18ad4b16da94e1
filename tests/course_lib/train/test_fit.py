"""The loop against one written out by hand, and everything that may go wrong in it."""

import math
import os
import random
import signal

import numpy as np
import pytest
import torch
from torch import nn

from course_lib import train
from course_lib.train import checkpoint as files


@pytest.fixture(autouse=True)
def _cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def make_model():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))


def batch(step):
    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(step))
    return x, x.sum(1, keepdim=True)


def mse(model, batch):
    return (model(batch[0]) - batch[1]).square().mean()


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def fit(model=None, batches=batch, loss_fn=mse, *, steps=6, **options):
    return train.fit(model or make_model(), batches, loss_fn, steps=steps, **options)


def test_equals_a_loop_written_by_hand():
    model, twin = make_model(), make_model()
    schedule = train.warmup_cosine(30, warmup=4)
    history = fit(model, steps=30, lr=0.02, clip=0.5, schedule=schedule)
    optimizer, losses = torch.optim.Adam(twin.parameters()), []
    for step in range(30):
        optimizer.param_groups[0]["lr"] = 0.02 * schedule(step)
        optimizer.zero_grad()
        loss = mse(twin, batch(step))
        loss.backward()
        nn.utils.clip_grad_norm_(twin.parameters(), 0.5)
        optimizer.step()
        losses.append(loss.item())
    torch.testing.assert_close(weights(model), weights(twin), rtol=0, atol=0)
    assert history.loss == losses
    assert history.steps == list(range(1, 31))
    assert not model.training


def test_it_learns():
    history = fit(steps=300, lr=0.02)
    assert np.mean(history.loss[-20:]) < 0.1 * np.mean(history.loss[:20])


def test_own_optimizer_and_no_clip():
    model, twin = make_model(), make_model()
    fit(model, steps=3, optimizer=torch.optim.SGD(model.parameters(), lr=0.1), clip=None)
    for step in range(3):
        gradients = torch.autograd.grad(mse(twin, batch(step)), list(twin.parameters()))
        for p, g in zip(twin.parameters(), gradients, strict=True):
            p.data -= 0.1 * g
    torch.testing.assert_close(weights(model), weights(twin))


def test_seed_decides_what_is_drawn_at_random():
    def noisy(model, _):
        return (model(torch.randn(4, 3)) - np.random.rand() - random.random()).square().mean()

    runs = [fit(loss_fn=noisy, seed=seed).loss for seed in (0, 0, 1)]
    assert runs[0] == runs[1] != runs[2]


def test_validation_keeps_the_best_weights_and_stops_early():
    model, seen, values = make_model(), [], iter([3.0, 1.0, 2.0, math.nan, 0.5])

    def validate(m):
        assert not m.training
        assert not torch.is_grad_enabled()
        seen.append(weights(m).clone())
        return next(values)

    history = fit(model, steps=100, validate=validate, validate_every=5, patience=2)
    assert history.stopped_early
    assert history.steps[-1] == 20
    assert history.best_step == 10
    assert [step for step, _ in history.validation] == [5, 10, 15, 20]
    torch.testing.assert_close(weights(model), seen[1], rtol=0, atol=0)


def test_validation_does_not_move_the_training():
    def loss(model, b):
        return (model(b[0] + 0.1 * torch.randn(4, 3)) - b[1]).square().mean()

    plain = fit(loss_fn=loss).loss
    assert fit(loss_fn=loss, validate=lambda m: float(torch.rand(7).sum()), validate_every=1).loss == plain


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_before_the_update(bad):
    model, kept = make_model(), {}

    def loss(m, b):
        kept["weights"] = weights(m).clone()
        return mse(m, b) * (bad if kept.setdefault("calls", 0) == 3 else 1)

    def counted(m, b):
        value = loss(m, b)
        kept["calls"] += 1
        return value

    with pytest.raises(train.TrainingDiverged, match=rf"loss is {bad} at step 4 .*before.*smaller lr"):
        fit(model, loss_fn=counted)
    torch.testing.assert_close(weights(model), kept["weights"], rtol=0, atol=0)
    assert torch.isfinite(weights(model)).all()


def test_a_gradient_that_is_not_finite_stops_too():
    def loss(model, b):
        return (model(b[0]) * 0).square().sum().sqrt()  # 0 forwards, 0/0 backwards

    model = make_model()
    with pytest.raises(train.TrainingDiverged, match="gradient is nan at step 1"):
        fit(model, loss_fn=loss)
    assert torch.isfinite(weights(model)).all()


def test_ctrl_c_finishes_the_step_saves_and_returns(tmp_path, capsys):
    path = tmp_path / "run.safetensors"

    def interrupting(step):
        if step == 3 and not path.exists():
            os.kill(os.getpid(), signal.SIGINT)
        return batch(step)

    model, twin = make_model(), make_model()
    handler = signal.getsignal(signal.SIGINT)
    history = fit(model, interrupting, steps=10, checkpoint=path, checkpoint_every=100)
    assert history.interrupted
    assert history.steps[-1] == 4
    assert "interrupted" in str(history)
    assert signal.getsignal(signal.SIGINT) is handler
    history = fit(model, interrupting, steps=10, checkpoint=path)
    assert not history.interrupted
    assert history.resumed_from == 4
    assert "goes on after step 4 of 10" in capsys.readouterr().out
    fit(twin, steps=10)
    torch.testing.assert_close(weights(model), weights(twin), rtol=0, atol=0)


def test_the_second_ctrl_c_breaks_off():
    def stubborn(step):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        return batch(step)

    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        fit(batches=stubborn)
    assert signal.getsignal(signal.SIGINT) is handler


def test_progress_goes_to_stdout_only(capfd):
    fit(description="my run")
    out, err = capfd.readouterr()
    assert err == ""
    assert "my run" in out
    assert "6/6" in out
    assert "loss" in out


def test_a_list_is_gone_through_again_and_again():
    seen = []
    fit(batches=[1.0, 2.0, 3.0], steps=7, loss_fn=lambda m, b: (seen.append(b), m(torch.ones(1, 3)).sum() * b)[1])
    assert seen == [1, 2, 3, 1, 2, 3, 1]


def test_a_shuffling_loader_shows_everything_once_per_epoch_in_new_order():
    seen = []
    loader = torch.utils.data.DataLoader(list(range(10)), batch_size=1, shuffle=True)
    fit(batches=loader, steps=20, loss_fn=lambda m, b: (seen.append(int(b)), m(torch.ones(1, 3)).sum())[1])
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10))
    assert seen[:10] != seen[10:]


def test_a_generator_runs_out_with_advice():
    with pytest.raises(ValueError, match="ran out after 2: pass a list"):
        fit(batches=(batch(i) for i in range(2)))
    with pytest.raises(ValueError, match="ran out after 0"):
        fit(batches=[])
    with pytest.raises(TypeError, match="step -> batch"):
        fit(batches=3)


@pytest.mark.parametrize(
    ("loss", "got"),
    [
        (lambda m, b: m(b[0]), r"shape \(4, 1\)"),
        (lambda m, b: mse(m, b).item(), "float"),
        (lambda m, b: mse(m, b).detach(), "gradient"),
    ],
)
def test_a_loss_of_the_wrong_kind_is_named(loss, got):
    with pytest.raises(ValueError, match=got):
        fit(loss_fn=loss)


@pytest.mark.parametrize("options", [{"steps": 0}, {"steps": 2.5}, {"patience": 0}, {"checkpoint_every": -1}])
def test_counts_must_be_positive(options):
    with pytest.raises(ValueError, match="whole number"):
        fit(**options)


@pytest.mark.parametrize("precision", ["fp16", "tf32", "float64", "half"])
def test_precision_that_the_cpu_lacks(precision):
    with pytest.raises(ValueError, match="precision"):
        fit(precision=precision)


def test_bf16_runs_and_leaves_a_plain_float32_model():
    model = make_model()
    history = fit(model, steps=40, lr=0.02, precision="bf16")
    assert history.loss[-1] < history.loss[0]
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert model(torch.ones(2, 3)).dtype == torch.float32
    assert "forward" not in vars(model)  # the cast around forward is taken off again
    fit(model, steps=2)  # another precision in the same process


def test_resume_of_a_finished_run_trains_nothing(tmp_path, capsys):
    path = tmp_path / "run.safetensors"
    model = make_model()
    first = fit(model, checkpoint=path, validate=lambda m: 1.0)
    fresh = make_model()
    again = fit(fresh, checkpoint=path, batches=lambda step: pytest.fail("no batch is needed"))
    torch.testing.assert_close(weights(fresh), weights(model), rtol=0, atol=0)
    assert (again.loss, again.validation, again.best_step) == (first.loss, first.validation, first.best_step)
    assert "all 6 steps" in capsys.readouterr().out
    more = fit(fresh, steps=9, checkpoint=path)
    assert more.steps[-1] == 9


@pytest.mark.parametrize(
    ("options", "message"),
    [({"lr": 0.5}, "lr = "), ({"seed": 9}, "seed = 0"), ({"steps": 3}, "more steps"), ({"clip": None}, "clip")],
)
def test_a_checkpoint_of_another_run_is_refused(tmp_path, options, message):
    path = tmp_path / "run.safetensors"
    fit(checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(train.CheckpointError, match=message) as caught:
        fit(checkpoint=path, **options)
    assert "delete the file" in str(caught.value)
    assert path.read_bytes() == before


def test_a_checkpoint_of_another_model_or_a_damaged_one(tmp_path):
    path = tmp_path / "run.safetensors"
    fit(checkpoint=path)
    with pytest.raises(train.CheckpointError, match="another model"):
        fit(nn.Linear(3, 1), checkpoint=path)
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"\x80\x04K\x01."):
        path.write_bytes(damaged)
        with pytest.raises(train.CheckpointError, match="delete it"):
            fit(checkpoint=path)


def test_a_checkpoint_that_cannot_be_written_keeps_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "run.safetensors"
    fit(checkpoint=path, steps=3)
    before = path.read_bytes()
    monkeypatch.setattr(files.os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(train.CheckpointError, match="No space left"):
        fit(checkpoint=path, steps=6)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["run.safetensors"]


def test_a_checkpoint_holds_no_pickle(tmp_path):
    path = tmp_path / "run.safetensors"
    fit(checkpoint=path, validate=lambda m: 1.0)
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    assert content[8:9] == b"{"  # safetensors: length, JSON header, raw numbers
    assert 8 + length < len(content)
    assert b"c__builtin__" not in content


def test_history_table_and_words():
    history = train.History(steps=[1, 2, 3, 4, 5], loss=[5.0, 4, 3, 2, 1], validation=[(2, 9.0), (5, 7.0)], seconds=3.2)
    history.best_step = 5
    assert history.table(2) == [
        {"steps": "1–2", "loss": 4.5, "validation": 9.0},
        {"steps": "3–5", "loss": 2.0, "validation": 7.0},
    ]
    assert [row["loss"] for row in history.table(50)] == [5, 4, 3, 2, 1]
    assert train.History().table() == []
    assert str(history) == "5 steps in 3 s, loss 1, best validation 7 at step 5."
    assert str(train.History()) == "No step was made."


def test_warmup_cosine():
    factor = train.warmup_cosine(100, warmup=10, floor=0.1)
    values = [factor(step) for step in range(101)]
    assert values[:10] == pytest.approx(np.arange(1, 11) / 10)
    assert np.all(np.diff(values[10:]) < 0)
    assert values[55] == pytest.approx(0.55)
    assert values[100] == factor(500) == pytest.approx(0.1)
    assert train.warmup_cosine(4)(0) == 1
    with pytest.raises(ValueError, match="warmup"):
        train.warmup_cosine(5, warmup=5)
