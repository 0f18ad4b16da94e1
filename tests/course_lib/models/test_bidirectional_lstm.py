"""The two padded LSTMs against torch's bidirectional one on packed sequences."""

import pytest
import torch
from torch import nn

from course_lib.models import BidirectionalLSTM


@pytest.mark.parametrize("layers", [1, 2])
def test_it_is_the_bidirectional_lstm_of_torch(layers):
    torch.manual_seed(0)
    ours, theirs = BidirectionalLSTM(5, 4, layers), nn.LSTM(5, 4, layers, batch_first=True, bidirectional=True)
    for i in range(layers):
        for lstm, ending in ((ours.forwards[i], ""), (ours.backwards[i], "_reverse")):
            for name, p in lstm.named_parameters():
                p.data.copy_(getattr(theirs, f"{name[:-1]}{i}{ending}").data)
    x, lengths = torch.randn(3, 7, 5), torch.tensor([7, 1, 4])
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    want, _ = nn.utils.rnn.pad_packed_sequence(theirs(packed)[0], batch_first=True)
    torch.testing.assert_close(ours(x, lengths), want)
    louder = torch.where(torch.arange(7)[None, :, None] < lengths[:, None, None], x, 1e3)
    torch.testing.assert_close(ours(louder, lengths), want)
