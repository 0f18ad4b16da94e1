"""Every part by its own name, padding="same", skip made first."""

from torch import nn

from course_lib.nn import GlobalLayerNorm


class TCNBlock(nn.Module):
    def __init__(self, channels, hidden, *, kernel=3, dilation=1):
        super().__init__()
        self.to_skip = nn.Conv1d(hidden, channels, 1)
        self.to_next = nn.Conv1d(hidden, channels, 1)
        self.widen = nn.Conv1d(channels, hidden, 1)
        self.act1, self.act2 = nn.PReLU(), nn.PReLU()
        self.norm1, self.norm2 = GlobalLayerNorm(hidden), GlobalLayerNorm(hidden)
        self.over_time = nn.Conv1d(hidden, hidden, kernel, dilation=dilation, padding="same", groups=hidden)

    def forward(self, x):
        h = self.norm1(self.act1(self.widen(x)))
        h = self.norm2(self.act2(self.over_time(h)))
        return self.to_next(h) + x, self.to_skip(h)
