"""Example by example, from second moments, in float64."""

import torch


def global_layer_norm(x, gain, offset, eps=1e-8):
    rows = []
    for example in x.double():
        centred = example - example.sum() / example.numel()
        scale = (centred.pow(2).sum() / centred.numel() + eps).rsqrt()
        rows.append(torch.stack([centred[k] * scale * gain[k] + offset[k] for k in range(len(example))]))
    return torch.stack(rows)
