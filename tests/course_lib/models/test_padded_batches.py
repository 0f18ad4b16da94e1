"""Padding and normalisation against each utterance alone in numpy."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from course_lib.models.padded_batches import PaddedBatch, normalised, padded_sounds


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sounds_are_padded_behind_their_end(dtype):
    sounds = [np.arange(1, n + 1, dtype=dtype) for n in (3, 1, 5)]
    padded, samples = padded_sounds(sounds)
    assert (padded.dtype, samples.tolist()) == (torch.float32, [3, 1, 5])
    assert padded.tolist() == [[1, 2, 3, 0, 0], [1, 0, 0, 0, 0], [1, 2, 3, 4, 5]]


@pytest.mark.parametrize("sounds", [[], [np.ones(3), np.zeros(0)]])
def test_no_sound_is_an_error(sounds):
    with pytest.raises(ValueError, match="at least one s"):
        padded_sounds(sounds)


def test_each_utterance_is_normalised_alone():
    x, lengths = 3 + 5 * torch.randn(3, 8, 4), torch.tensor([8, 1, 5])
    found = normalised(x, lengths)
    for row, out, n in zip(x.numpy(), found.numpy(), lengths.tolist(), strict=True):
        centred = row[:n] - row[:n].mean(0)
        np.testing.assert_allclose(out[:n], centred / np.sqrt((centred**2).mean() + 1e-8), atol=1e-5)
        assert not out[n:].any()


def test_a_batch_changes_device_with_all_its_tensors():
    @dataclass(frozen=True)
    class Pair(PaddedBatch):
        first: Tensor
        second: Tensor

    moved = Pair(torch.ones(2), torch.zeros(3)).to("meta")
    assert isinstance(moved, Pair)
    assert {moved.first.device.type, moved.second.device.type} == {"meta"}
