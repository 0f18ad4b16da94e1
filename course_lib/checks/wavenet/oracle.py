"""Slow and plain references for the checks of unit 15_wavenet: numpy in float64, loops over taps and samples.

Written from the definitions and not from the answers. Keyword arguments switch on one mistake each.
"""

import math
from collections.abc import Sequence

import numpy as np
from torch import Tensor


def array(x) -> np.ndarray:
    """As float64 numpy."""
    return x.detach().double().numpy() if isinstance(x, Tensor) else np.asarray(x, np.float64)


def encode(x, classes: int, *, mu: int | None = None, half: float = 0.5, top: str = "ln", clip: bool = True,
           one: float = 1.0) -> np.ndarray:
    """μ-law class of each amplitude."""
    x, mu = array(x), classes - 1 if mu is None else mu
    x = np.clip(x, -1, 1) if clip else x
    log = np.log if top == "ln" else np.log10
    inner = np.maximum(one + mu * np.abs(x), 1e-30)
    compressed = np.sign(x) * log(inner) / math.log(1 + mu)
    return np.floor((compressed + 1) / 2 * mu + half)


def decode(k, classes: int, *, mu: int | None = None) -> np.ndarray:
    """Amplitude of each class."""
    mu = classes - 1 if mu is None else mu
    y = 2 * array(k) / mu - 1
    return np.sign(y) * ((1 + mu) ** np.abs(y) - 1) / mu


def amplitudes(rng: np.random.Generator, shape: tuple[int, ...], classes: int) -> np.ndarray:
    """Random amplitudes in [-1, 1], none near the edge between two classes."""
    k = rng.integers(classes, size=shape)
    place = k + rng.uniform(-0.4, 0.4, shape)
    return decode(np.clip(place, 0, classes - 1), classes)


def causal(x, weight, bias, dilation: int, *, left: int | None = None, spacing: int | None = None) -> np.ndarray:
    """y[n] = bias + sum over the taps of W_k x[n - (K-1-k)·dilation]; `left` zeros before x, as many as needed after.

    x (batch, in, samples), weight (out, in, kernel).
    """
    x, weight = array(x), array(weight)
    samples, kernel = x.shape[-1], weight.shape[-1]
    spacing = dilation if spacing is None else spacing
    left = dilation * (kernel - 1) if left is None else left
    reach = spacing * (kernel - 1)
    padded = np.pad(x, ((0, 0), (0, 0), (left, reach + left + 1)))
    y = sum(np.einsum("oi,bin->bon", weight[..., k], padded[..., k * spacing : k * spacing + samples])
            for k in range(kernel))
    return y if bias is None else y + array(bias)[:, None]


def gated(x, world, y, w: dict, dilation: int, *, mistake: str = "") -> tuple[np.ndarray, np.ndarray]:
    """The gated residual block; `mistake` names what is done wrong."""
    x, world, y = array(x), array(world), array(y)
    v = {name: array(value) for name, value in w.items()}
    c = x.shape[1]
    condition = np.zeros((len(x), 2 * c, x.shape[-1]))
    if mistake != "no global":
        condition += ((world[:1] if mistake == "first world" else world) @ v["global"].T)[..., None]
    if mistake == "global in filter":
        condition[:, c:] = 0
    if mistake == "local mean":
        y = np.broadcast_to(y.mean(-1, keepdims=True), y.shape)
    if mistake != "no local":
        condition += np.einsum("oi,bin->bon", v["local"], y)
    a = causal(x, v["conv"], None if mistake == "no conv bias" else v["conv_bias"],
               1 if mistake == "dilation" else dilation)
    if mistake == "centred":
        a = causal(x, v["conv"], v["conv_bias"], dilation, left=dilation * (v["conv"].shape[-1] - 1) // 2)
    if mistake != "after":
        a = a + condition
    filtered, gate = (a[:, ::2], a[:, 1::2]) if mistake == "interleaved" else (a[:, :c], a[:, c:])
    if mistake == "halves":
        filtered, gate = gate, filtered
    z = np.tanh(filtered) * _sigmoid(gate)
    if mistake == "after":
        z = z + condition[:, :c]
    if mistake == "sum":
        z = np.tanh(filtered) + _sigmoid(gate)
    if mistake == "tanh":
        z = np.tanh(filtered) * np.tanh(gate)
    if mistake == "sigmoid":
        z = _sigmoid(filtered) * _sigmoid(gate)
    if mistake == "linear filter":
        z = filtered * _sigmoid(gate)
    step = np.einsum("oi,bin->bon", v["residual"], z)
    if mistake != "no residual bias":
        step = step + v["residual_bias"][:, None]
    following = step if mistake == "no residual" else x + step
    source = {"skip of sum": following, "skip of step": step}.get(mistake, z)
    bias = 0.0 if mistake == "no skip bias" else v["skip_bias"][:, None]
    return following, np.einsum("oi,bin->bon", v["skip"], source) + bias


def _sigmoid(a: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(a / 2))


def receptive_field(kernels: Sequence[int], dilations: Sequence[int]) -> int:
    """By reachability: from output 0 back through all taps of all layers; counted from the earliest input."""
    reached = {0}
    for kernel, dilation in zip(reversed(kernels), reversed(dilations), strict=True):
        reached = {n - k * dilation for n in reached for k in range(kernel)}
    return 1 - min(reached)


def network(layers: list[dict], embed, readout, heard: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """The small network of exercise 15.5: logits (batch, classes, samples) and the inputs of each layer."""
    h = array(embed)[None, :, None] * heard[:, None]
    inputs = []
    for layer in layers:
        inputs.append(h)
        h = h + np.tanh(causal(h, layer["weight"], None, layer["dilation"]))
    return np.einsum("oi,bin->bon", array(readout), h), inputs


def generate(layers: list[dict], embed, readout, uniform: np.ndarray, *, rng: np.random.Generator | None = None,
             first: float = 0.0, axis: int = 1, late: bool = False, margin: float = 2e-3):
    """Naive generation: the whole past through the network for each sample.

    With `rng`, a uniform number that is close to a step of the distribution function is drawn anew (in place), so that
    round-off cannot change a class.

    Returns:
        (classes, queues, logits): (batch, samples) int, the last inputs of each layer, (batch, classes, samples).
    """
    number = len(array(readout))
    batch, samples = uniform.shape
    heard, classes = np.full((batch, 1), first), np.zeros((batch, 0), int)
    for t in range(samples):
        logits = network(layers, embed, readout, heard)[0][..., -1]
        p = np.exp(logits - logits.max(axis, keepdims=True))
        total = np.cumsum(p / p.sum(axis, keepdims=True), 1)
        for b in range(batch):
            while rng is not None and np.abs(total[b] - uniform[b, t]).min() < margin:
                uniform[b, t] = rng.uniform()
        k = np.minimum((total <= uniform[:, t, None]).sum(1), number - 1)
        classes = np.concatenate([classes, k[:, None]], 1)
        heard = np.concatenate([heard, 2 * k[:, None] / (number - 1) - 1], 1)
    logits, inputs = network(layers, embed, readout, heard[:, :-1] if not late else heard[:, 1:])
    return classes, [last(h, layer) for h, layer in zip(inputs, layers, strict=True)], logits


def generate_with_queues(layers: list[dict], embed, readout, uniform: np.ndarray, *, mistake: str) -> np.ndarray:
    """Classes (batch, samples) of an answer with queues that makes the named mistake."""
    embed, readout = array(embed), array(readout)
    number, (batch, samples) = len(readout), uniform.shape
    weights = [array(layer["weight"]) for layer in layers]
    queues = [np.zeros((d["dilation"] * (w.shape[-1] - 1), batch, len(embed)))
              for d, w in zip(layers, weights, strict=True)]
    heard, classes = np.zeros(batch), np.zeros((batch, samples), int)
    for t in range(samples):
        h = heard[:, None] * embed
        for i, (layer, w) in enumerate(zip(layers, weights, strict=True)):
            window = np.concatenate([queues[i], h[None]])
            taps = window[-w.shape[-1]:] if mistake == "last entries" else window[:: layer["dilation"]]
            a = np.einsum("oik,kbi->bo", w, taps[::-1] if mistake == "reversed" else taps)
            a = a if mistake == "linear" else np.tanh(a)
            h = a if mistake == "no residual" else h + a
            if mistake == "output pushed":
                window = np.concatenate([queues[i], h[None]])
            queues[i] = {"never pushed": queues[i], "newest dropped": window[:-1]}.get(mistake, window[1:])
        logits = h @ readout.T
        p = np.exp(logits - logits.max(1, keepdims=True))
        total, u = np.cumsum(p / p.sum(1, keepdims=True), 1), uniform[:, t, None]
        u = {"from the top": 1 - u, "first u": u[:1]}.get(mistake, u)
        k = classes[:, t] = np.minimum((total <= u).sum(1), number - 1)
        heard = {"by C": 2 * k / number - 1, "class number": k.astype(float)}.get(mistake, 2 * k / (number - 1) - 1)
    return classes


def last(h: np.ndarray, layer: dict) -> np.ndarray:
    """The queue of a layer after its inputs h (batch, channels, samples): (length, batch, channels), oldest first."""
    length = layer["dilation"] * (np.shape(layer["weight"])[-1] - 1)
    padded = np.pad(h, ((0, 0), (0, 0), (length, 0)))
    return padded[..., padded.shape[-1] - length :].transpose(2, 0, 1)
