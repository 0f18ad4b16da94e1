"""The two padded LSTMs are PyTorch's bidirectional LSTM of packed sequences."""

import pytest
import torch

from course_lib.nn import BidirectionalLSTM, inside, mirror

PACKED = {"enforce_sorted": False, "batch_first": True}


@pytest.mark.parametrize("layers", [1, 2])
def test_equals_the_packed_module(layers):
    torch.manual_seed(0)
    ours, lengths = BidirectionalLSTM(5, 4, layers), torch.tensor([7, 1, 4])
    peer = torch.nn.LSTM(5, 4, layers, batch_first=True, bidirectional=True)
    for layer in range(layers):
        for end, own in (("", ours.forwards[layer]), ("_reverse", ours.backwards[layer])):
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                getattr(peer, f"{name}_l{layer}{end}").data.copy_(getattr(own, f"{name}_l0").data)
    x = torch.randn(3, 7, 5)
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, **PACKED)
    want, _ = torch.nn.utils.rnn.pad_packed_sequence(peer(packed)[0], batch_first=True)
    torch.testing.assert_close(ours(x, lengths), want)


def test_what_is_padded_has_no_influence_and_comes_out_as_zero():
    torch.manual_seed(0)
    layer, lengths, x = BidirectionalLSTM(3, 4, 2), torch.tensor([6, 2]), torch.randn(2, 6, 3)
    other = torch.where(inside(lengths, 6)[:, :, None], x, 100.0)
    torch.testing.assert_close(layer(other, lengths), layer(x, lengths))
    assert layer(x, lengths)[1, 2:].eq(0).all()


def test_mirrored_twice_is_the_batch_itself():
    x, lengths = torch.randn(4, 9, 2), torch.tensor([9, 1, 4, 8])
    turned = mirror(x, lengths)
    torch.testing.assert_close(mirror(turned, lengths), x)
    for row, back, n in zip(x, turned, lengths.tolist(), strict=True):
        torch.testing.assert_close(back[:n], row[:n].flip(0))
        torch.testing.assert_close(back[n:], row[n:])
