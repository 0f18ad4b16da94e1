"""Three taps whatever the kernel.

Expect: use the argument `kernel`
"""

from torch import nn

from course_lib.nn import GlobalLayerNorm


class TCNBlock(nn.Module):
    def __init__(self, channels, hidden, *, kernel=3, dilation=1):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(channels, hidden, 1), nn.PReLU(), GlobalLayerNorm(hidden),
            nn.Conv1d(hidden, hidden, 3, dilation=dilation, padding=dilation, groups=hidden), nn.PReLU(), GlobalLayerNorm(hidden),
        )
        self.residual = nn.Conv1d(hidden, channels, 1)
        self.skip = nn.Conv1d(hidden, channels, 1)

    def forward(self, x):
        hidden = self.body(x)
        return x + self.residual(hidden), self.skip(hidden)
