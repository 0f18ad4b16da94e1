"""A trained model is scored by data alone; every way to hand in something else is named."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from course_lib.checks import CheckFailed
from course_lib.checks.core.attachments import attached, attachments
from course_lib.checks.core.measure import collect_measured, measured
from course_lib.checks.trained import accuracy, held_out, read_weights, trained_model


class Sign(nn.Module):
    """Two classes: is the sum of the input negative or not?"""

    def __init__(self, inputs=4):
        super().__init__()
        self.scale = nn.Parameter(torch.zeros(inputs, 2))
        self.register_buffer("shift", torch.zeros(2))

    def forward(self, x):
        return x @ self.scale + self.shift


class LooksAround(Sign):
    """Subtracts the mean of the batch."""

    def forward(self, x):
        return super().forward(x - x.mean(0))


@pytest.fixture
def examples():
    x = np.random.default_rng(0).standard_normal((50, 4)).astype(np.float32)
    return [(row, int(row.sum() > 0)) for row in x]


@pytest.fixture
def good(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_file({"scale": torch.tensor([[-1.0, 1.0]] * 4), "shift": torch.zeros(2)}, "w.safetensors")
    return tmp_path


def check(examples, model=Sign, **options):
    trained_model(model, "w.safetensors", examples, accuracy, **{"at_least": 0.9, "name": "accuracy"} | options)


def test_a_good_model_passes_and_is_measured(good, examples, capsys):
    with collect_measured() as values:
        check(examples, batch=7)
    assert values == {"accuracy": 1.0}
    assert "accuracy 1 on 50 examples" in capsys.readouterr().out


def test_the_threshold_is_asked_for(good, examples):
    save_file({"scale": torch.tensor([[1.0, -1.0]] * 4), "shift": torch.zeros(2)}, "w.safetensors")
    with collect_measured() as values, pytest.raises(CheckFailed, match=r"accuracy .* is 0; 0\.9 is asked for"):
        check(examples)
    assert values == {"accuracy": 0.0}


def test_half_a_state_is_not_completed_at_random(good, examples):
    save_file({"shift": torch.zeros(2)}, "w.safetensors")
    with pytest.raises(CheckFailed, match="lacks scale"):
        check(examples)


@pytest.mark.parametrize(("tensors", "said"), [
    ({"scale": torch.zeros(3, 2)}, "size mismatch|shape"),
    ({"scale": torch.zeros(4, 2), "weight": torch.zeros(1)}, "no parameter or buffer called 'weight'"),
    ({"scale": torch.full((4, 2), torch.nan)}, "NaN"),
])
def test_weights_that_do_not_fit(good, examples, tensors, said):
    save_file(tensors, "w.safetensors")
    with pytest.raises(CheckFailed, match=said):
        check(examples)


def test_a_model_that_looks_at_its_neighbours(good, examples):
    with pytest.raises(CheckFailed, match="look at its neighbours"):
        check(examples, LooksAround)


def test_a_pickle_is_not_read(good, examples):
    torch.save({"scale": torch.zeros(4, 2)}, "w.safetensors")
    with pytest.raises(CheckFailed, match=r"not a safetensors file.*not with torch\.save"):
        check(examples)


def test_no_file_and_too_large_a_file(good, examples):
    with pytest.raises(CheckFailed, match=r"no file other\.safetensors"):
        trained_model(Sign, "other.safetensors", examples, accuracy, at_least=0)
    (good / "w.safetensors").write_bytes(b"")
    with (good / "w.safetensors").open("r+b") as file:
        file.truncate(100 << 20)
    with pytest.raises(CheckFailed, match="100 MiB"):
        read_weights(good / "w.safetensors")


def test_half_precision_is_welcome(good, examples):
    for dtype in (torch.float16, torch.bfloat16, torch.float64):
        save_file({"scale": torch.tensor([[-1.0, 1.0]] * 4).to(dtype)}, "w.safetensors")
        check(examples)


def test_only_what_was_handed_in_is_found(good, tmp_path):
    with attachments({"model.safetensors": tmp_path / "w.safetensors"}):
        assert attached("model.safetensors") == tmp_path / "w.safetensors"
        for name in ("w.safetensors", "../w.safetensors", str(tmp_path / "w.safetensors")):
            with pytest.raises(CheckFailed, match=r"Beside your notebook lay: model\.safetensors"):
                attached(name)


def test_a_held_out_set_stays_with_the_instructor(tmp_path, monkeypatch):
    with pytest.raises(CheckFailed, match="stays with the instructor"):
        held_out("digits")
    save_file({"x": torch.ones(2)}, tmp_path / "digits.safetensors")
    monkeypatch.setenv("COURSE_HELD_OUT", str(tmp_path))
    assert held_out("digits")["x"].tolist() == [1, 1]


def test_nan_wins_nothing():
    with collect_measured() as values:
        for bad in (float("nan"), float("inf"), float("-inf")):
            measured("a", bad)
        measured("b", 1)
    assert values == {"b": 1.0}
