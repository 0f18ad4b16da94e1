"""Trained weights: what is kept comes back, every card in the package is whole, bad files are told."""

import json

import pytest
import torch
from safetensors.torch import save_file

from course_lib import models
from course_lib.models import trained_weights as module
from course_lib.models.ctc_recogniser import CTCRecogniser

FACTS = {"data": "generated digits", "licence": "CC0", "seed": 3, "score": "CER 5 %", "command": "course run 12"}


def small(**more) -> CTCRecogniser:
    torch.manual_seed(0)
    model = CTCRecogniser(**{"classes": 5, "bands": 8, "width": 6, **more})
    model.config = {"classes": 5, "bands": 8, "width": 6, **more}
    return model


def test_what_is_kept_comes_back_in_float16_precision(tmp_path):
    model = small()
    path = models.keep_weights("tiny", model, **FACTS, folder=tmp_path)
    again = models.pretrained("tiny", folder=tmp_path)
    assert path.stat().st_size < 2 * sum(p.numel() for p in model.parameters()) + 4000
    assert not again.training
    for key, tensor in model.state_dict().items():
        assert again.state_dict()[key].dtype == torch.float32
        torch.testing.assert_close(again.state_dict()[key], tensor, rtol=2**-10, atol=1e-7)


def test_the_card_holds_every_fact(tmp_path):
    models.keep_weights("tiny", small(), **FACTS, folder=tmp_path)
    card = models.pretrained_card("tiny", folder=tmp_path)
    assert (card.name, card.model, card.config["width"]) == ("tiny", "CTCRecogniser", 6)
    assert {key: getattr(card, key) for key in FACTS} == FACTS
    assert card.parameters == sum(p.numel() for p in small().parameters())
    page = (tmp_path / "tiny.md").read_text(encoding="utf-8")
    assert page == str(card)
    assert all(str(value) in page for value in FACTS.values())


def test_nothing_is_kept_unless_asked(tmp_path, monkeypatch):
    monkeypatch.delenv(module.KEEP_IN, raising=False)
    assert models.keep_weights("tiny", small(), **FACTS) is None
    monkeypatch.setenv(module.KEEP_IN, str(tmp_path / "new"))
    monkeypatch.setenv(module.COMMAND, "course run 12_ctc")
    path = models.keep_weights("tiny", small(), **{**FACTS, "command": None})
    assert path == tmp_path / "new" / "tiny.safetensors"
    assert models.pretrained_card("tiny", folder=path.parent).command == "course run 12_ctc"


@pytest.mark.parametrize("fact", ["data", "licence", "score", "command"])
def test_a_card_without_a_fact_is_refused(tmp_path, monkeypatch, fact):
    monkeypatch.delenv(module.COMMAND, raising=False)
    with pytest.raises(models.WeightsError, match=fact):
        models.keep_weights("tiny", small(), **{**FACTS, fact: ""}, folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_too_large_unknown_and_not_finite_are_refused(tmp_path):
    with pytest.raises(models.WeightsError, match=r"at most 2 MB"):
        models.keep_weights("tiny", small(width=400), **FACTS, folder=tmp_path)
    with pytest.raises(models.WeightsError, match="ARCHITECTURES"):
        models.keep_weights("tiny", torch.nn.Linear(2, 2), **FACTS, folder=tmp_path)
    model = small()
    model.output.bias.data[0] = 1e6
    with pytest.raises(models.WeightsError, match=r"output\.bias"):
        models.keep_weights("tiny", model, **FACTS, folder=tmp_path)


def test_damaged_missing_and_foreign_files_are_told(tmp_path):
    with pytest.raises(models.WeightsError, match="there are: none"):
        models.pretrained("tiny", folder=tmp_path)
    path = models.keep_weights("tiny", small(), **FACTS, folder=tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(models.WeightsError, match="damaged"):
        models.pretrained("tiny", folder=tmp_path)
    save_file({"x": torch.zeros(2)}, path)
    with pytest.raises(models.WeightsError, match="damaged"):
        models.pretrained("tiny", folder=tmp_path)
    models.keep_weights("whole", small(), **FACTS, folder=tmp_path)
    card = {**vars(models.pretrained_card("whole", folder=tmp_path)), "model": "os.system"}
    save_file({"x": torch.zeros(2)}, path, metadata={module.HEADER: json.dumps(card)})
    with pytest.raises(models.WeightsError, match=r"os\.system"):
        models.pretrained("tiny", folder=tmp_path)


@pytest.mark.parametrize("change", [{"width": 7}, {"height": 7}])
def test_weights_of_another_shape_name_the_command(tmp_path, change):
    model = small()
    model.config |= change
    models.keep_weights("tiny", model, **FACTS, folder=tmp_path)
    with pytest.raises(models.WeightsError, match="course run 12"):
        models.pretrained("tiny", folder=tmp_path)


@pytest.mark.parametrize("name", models.pretrained_names())
def test_every_set_in_the_package_loads_and_has_its_page(name):
    card, model = models.pretrained_card(name), models.pretrained(name)
    path = module.FOLDER / f"{name}.safetensors"
    assert path.stat().st_size <= module.MOST_BYTES
    assert path.with_suffix(".md").read_text(encoding="utf-8") == str(card)
    assert sum(p.numel() for p in model.parameters()) == card.parameters
    assert all(tensor.isfinite().all() for tensor in model.state_dict().values() if tensor.is_floating_point())
    assert not [p for p in module.FOLDER.glob("*.md") if not p.with_suffix(".safetensors").exists()]

