"""numpy and deques, one sound after the other."""

from collections import deque

import numpy as np


def generate(layers, embed, readout, uniform):
    embed, readout, uniform = (np.asarray(v, np.float64) for v in (embed, readout, uniform))
    weights = [np.asarray(layer["weight"], np.float64) for layer in layers]
    drawn, ends = [], []
    for row in uniform:
        queues = []
        for w, layer in zip(weights, layers):
            length = layer["dilation"] * (w.shape[-1] - 1)
            queues.append(deque([np.zeros(len(embed))] * length, maxlen=length))
        value, classes = 0.0, []
        for u in row:
            h = value * embed
            for w, layer, queue in zip(weights, layers, queues):
                seen = [*queue, h][:: layer["dilation"]]
                queue.append(h)
                h = h + np.tanh(sum(w[..., k] @ v for k, v in enumerate(seen)))
            e = np.exp(readout @ h - (readout @ h).max())
            k = min(int(np.searchsorted(np.cumsum(e) / e.sum(), u, side="right")), len(e) - 1)
            classes.append(k)
            value = 2 * k / (len(e) - 1) - 1
        drawn.append(classes)
        ends.append([np.array(queue) for queue in queues])
    return np.array(drawn), [np.stack(queue, 1) for queue in zip(*ends)]
