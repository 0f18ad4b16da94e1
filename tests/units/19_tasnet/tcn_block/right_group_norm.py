"""nn.GroupNorm with one group in the place of gLN, 1×1 convolutions as nn.Linear, a list as result."""

from torch import nn


class TCNBlock(nn.Module):
    def __init__(self, channels, hidden, kernel=3, dilation=1):
        super().__init__()
        self.first = nn.Linear(channels, hidden)
        self.depthwise = nn.Conv1d(hidden, hidden, kernel, 1, (kernel // 2) * dilation, dilation, hidden)
        self.norms = nn.ModuleList(nn.GroupNorm(1, hidden, eps=1e-8) for _ in range(2))
        self.slopes = nn.ModuleList(nn.PReLU() for _ in range(2))
        self.heads = nn.ModuleList(nn.Linear(hidden, channels) for _ in range(2))

    def forward(self, x):
        h = self.first(x.transpose(1, 2)).transpose(1, 2)
        h = self.depthwise(self.norms[0](self.slopes[0](h)))
        h = self.norms[1](self.slopes[1](h)).transpose(1, 2)
        residual, skip = (head(h).transpose(1, 2) for head in self.heads)
        return [x + residual, skip]
