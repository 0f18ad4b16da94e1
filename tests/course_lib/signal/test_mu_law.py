"""μ-law against torchaudio, and by its properties."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib import signal


@pytest.mark.parametrize("classes", [2, 16, 256, 1000])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_classes_are_those_of_torchaudio(classes, dtype):
    functional = pytest.importorskip("torchaudio.functional")
    rng = torch.Generator().manual_seed(0)
    x = (2 * torch.rand(3, 501, generator=rng, dtype=torch.float64) - 1).to(dtype)
    away = signal.mu_law_compress(x, classes).double()
    place = (away + 1) / 2 * (classes - 1) + 0.5
    sure = (place - place.round()).abs() > 1e-3                  # on an edge the last digit decides
    assert torch.equal(signal.mu_law_encode(x, classes)[sure], functional.mu_law_encoding(x, classes)[sure])
    k = torch.arange(classes)
    torch.testing.assert_close(signal.mu_law_decode(k, classes), functional.mu_law_decoding(k, classes))


@given(st.integers(2, 2000))
def test_decoding_and_encoding_gives_the_class_back(classes):
    k = torch.arange(classes)
    assert torch.equal(signal.mu_law_encode(signal.mu_law_decode(k.double(), classes), classes), k)


def test_edges_part_the_classes():
    edges = signal.mu_law_edges()
    assert edges.shape == (255,)
    assert (edges.diff() > 0).all()
    assert torch.equal(signal.mu_law_encode(edges - 1e-9), torch.arange(255))
    assert torch.equal(signal.mu_law_encode(edges + 1e-9), torch.arange(1, 256))


def test_clips_keeps_kind_and_shape():
    assert signal.mu_law_encode(torch.tensor([-9.0, -1.0, 1.0, 9.0])).tolist() == [0, 0, 255, 255]
    assert signal.mu_law_encode(np.zeros((2, 0, 3), np.float32)).shape == (2, 0, 3)
    assert isinstance(signal.mu_law_encode(np.zeros(3)), np.ndarray)
    x = torch.randn(4, 6)[:, ::2]
    assert torch.equal(signal.mu_law_encode(x), signal.mu_law_encode(x.contiguous()))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.int64])
def test_any_integer_holds_a_class(dtype):
    k = torch.arange(256)
    torch.testing.assert_close(signal.class_position(k.to(dtype)), signal.class_position(k.double()).float())
    assert torch.equal(signal.mu_law_decode(k.to(dtype)), signal.mu_law_decode(k))


def test_is_differentiable_and_odd():
    x = torch.tensor([-0.5, 0.3], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(signal.mu_law_compress, (x,))
    assert torch.allclose(signal.mu_law_compress(-x), -signal.mu_law_compress(x))


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="at least two"):
        signal.mu_law_encode(torch.zeros(3), 1)
