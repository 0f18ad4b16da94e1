"""The softmax runs over the batch.

Expect: softmax is over the batch
"""

import torch


def generate(layers, embed, readout, uniform):
    batch, samples = uniform.shape
    number = len(readout)
    queues = []
    for layer in layers:
        length = layer["dilation"] * (layer["weight"].shape[-1] - 1)
        queues.append(torch.zeros(length, batch, len(embed), dtype=embed.dtype))
    heard = torch.zeros(batch, dtype=embed.dtype)
    classes = []
    for t in range(samples):
        h = heard[:, None] * embed
        for i, layer in enumerate(layers):
            window = torch.cat([queues[i], h[None]])
            a = torch.einsum("oik,kbi->bo", layer["weight"], window[:: layer["dilation"]])
            queues[i] = window[1:]
            h = h + torch.tanh(a)
        total = torch.softmax(h @ readout.T, 0).cumsum(-1)
        k = (total <= uniform[:, t, None]).sum(-1).clamp(max=number - 1)
        classes.append(k)
        heard = 2 * k.to(embed.dtype) / (number - 1) - 1
    return torch.stack(classes, 1), queues
