"""The residual is added into the input.

Expect: in place
"""

from torch import nn

from course_lib.nn import GlobalLayerNorm


class TCNBlock(nn.Module):
    def __init__(self, channels, hidden, *, kernel=3, dilation=1):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(channels, hidden, 1), nn.PReLU(), GlobalLayerNorm(hidden),
            nn.Conv1d(hidden, hidden, kernel, dilation=dilation, padding=dilation * (kernel - 1) // 2, groups=hidden), nn.PReLU(), GlobalLayerNorm(hidden),
        )
        self.residual = nn.Conv1d(hidden, channels, 1)
        self.skip = nn.Conv1d(hidden, channels, 1)

    def forward(self, x):
        hidden = self.body(x)
        x += self.residual(hidden)
        return x, self.skip(hidden)
