"""Checks of unit 15_wavenet, second part: the values that each named mistake gives, so that a message can name it."""

import numpy as np

from course_lib.checks.wavenet import oracle
from course_lib.checks.wavenet.oracle import array


def encode(x, classes: int) -> dict:
    """Sentence → value, see `course_lib.checks.core.compare.Mistakes`."""
    return {
        f"μ is {classes}: the classes count from 0 to μ, so {classes} classes need μ = {classes - 1}.":
            oracle.encode(x, classes, mu=classes),
        "μ is 255 whatever the number of classes: it is classes − 1.": oracle.encode(x, classes, mu=255),
        f"μ is {classes}, and what this puts beyond the last class was clipped: μ is {classes - 1}.":
            np.minimum(oracle.encode(x, classes, mu=classes), classes - 1),
        "they wrap around at 256: an unsigned byte holds 0 to 255 only, int64 holds any class.":
            oracle.encode(x, classes) % 256,
        "one logarithm is natural and the other is log10: use the same base above and below.":
            oracle.encode(x, classes, top="log10"),
        "it was floored without adding 1/2: the class nearest to the place on the scale is asked for.":
            oracle.encode(x, classes, half=0.0),
        "amplitudes beyond ±1 were not clipped: they fall outside of the classes.":
            oracle.encode(x, classes, clip=False),
        "it is ln(μ|x|) and not ln(1 + μ|x|): silence would be minus infinity.": oracle.encode(x, classes, one=0.0),
        "the sign was lost: sign(x) multiplies the logarithm of |x|.": oracle.encode(np.abs(array(x)), classes),
        "the classes count from 1: the lowest is 0.": oracle.encode(x, classes) + 1,
        "the scale is linear: no logarithm was taken.":
            np.floor((np.clip(array(x), -1, 1) + 1) / 2 * (classes - 1) + 0.5),
    }


def decode(k, classes: int) -> dict:
    """Sentence → value."""
    y = 2 * array(k) / (classes - 1) - 1
    return {
        f"μ is {classes} in the decoder: it is classes − 1.": oracle.decode(k, classes, mu=classes),
        "it is the place on the logarithmic scale: expand it, (1 + μ)^|y| − 1 over μ.": y,
        "the 1 was not subtracted: (1 + μ)^|y| − 1, so that y = 0 is silence.":
            np.sign(y) * classes ** np.abs(y) / (classes - 1),
        "it was divided by 1 + μ: the divisor is μ, so that y = 1 gives 1.":
            np.sign(y) * (classes ** np.abs(y) - 1) / classes,
        "the exponential has base e: it is (1 + μ)^|y|.": np.sign(y) * np.expm1(np.abs(y)) / (classes - 1),
        "the sign was lost.": np.abs(oracle.decode(k, classes)),
    }


def causal(x, weight, bias, dilation: int) -> dict:
    """Sentence → value."""
    kernel = array(weight).shape[-1]
    reach = dilation * (kernel - 1)

    def with_left(left: int, **kw) -> np.ndarray:
        return oracle.causal(x, weight, bias, dilation, left=left, **kw)

    return {
        "the padding is on the right: the output sees the future and not the past. Pad on the left.": with_left(0),
        "the padding is shared between both sides: half of the taps look ahead. All of it belongs on the left.":
            with_left(reach // 2),
        "it looks one sample ahead: one zero too few on the left; dilation·(kernel − 1) are needed.":
            with_left(reach - 1),
        "it is one sample late: one zero too many on the left, so the present is not seen.": with_left(reach + 1),
        "the padding is dilated and the taps are not: pass the dilation to the convolution too.":
            with_left(reach, spacing=1),
        "the padding is dilation·kernel: dilation·(kernel − 1) keeps the present under the last tap.":
            with_left(dilation * kernel),
        "the padding forgot the dilation: it is dilation·(kernel − 1) and not kernel − 1.": with_left(kernel - 1),
        "the dilation was ignored.": oracle.causal(x, weight, bias, 1),
        "the taps are in reverse: the last one, weight[..., -1], looks at the present.":
            oracle.causal(x, array(weight)[..., ::-1], bias, dilation),
        "the bias is missing.": oracle.causal(x, weight, None, dilation),
    }


GATED = {
    "the condition was added after the gate: it belongs inside tanh and σ.": "after",
    "filter and gate are swapped: the first half of the channels goes through tanh, the second through σ.": "halves",
    "filter and gate were added: the gate multiplies.": "sum",
    "both halves go through tanh: the gate is a σ, from 0 to 1.": "tanh",
    "both halves go through σ: the filter is a tanh.": "sigmoid",
    "the global condition is missing.": "no global",
    "the local condition is missing.": "no local",
    "the convolution is not causal: pad on the left only.": "centred",
    "the input is not added: the first output is x + R z.": "no residual",
    "the skip was made from x + R z: it is made from the gated z.": "skip of sum",
    "the skip was made from R z: residual and skip both read z.": "skip of step",
    "the dilation was not passed on to the convolution.": "dilation",
    "odd and even rows were taken for filter and gate: it is the first half and the second half.": "interleaved",
    "the bias of the convolution is missing.": "no conv bias",
    "the residual bias is missing.": "no residual bias",
    "the skip bias is missing.": "no skip bias",
    "the global condition reached the filter only: V has rows for the gate too.": "global in filter",
    "the global condition of the first sound was used for the whole batch.": "first world",
    "the local condition was averaged over time: it has a value for each sample.": "local mean",
    "the tanh is missing.": "linear filter",
}
"""Sentence → name of the mistake in `oracle.gated`."""


def gated(x, world, y, w: dict, dilation: int, output: int) -> dict:
    """Sentence → value of the residual output (0) or of the skip (1)."""
    return {text: oracle.gated(x, world, y, w, dilation, mistake=name)[output] for text, name in GATED.items()}


def receptive_field(kernels: list[int], dilations: list[int]) -> dict:
    """Sentence → value."""
    pairs = list(zip(kernels, dilations, strict=True))
    total = sum((k - 1) * d for k, d in pairs)
    return {
        "the 1 is missing: the sample itself is seen as well.": total,
        "a kernel of k taps reaches (k − 1)·dilation back, not k·dilation.": 1 + sum(k * d for k, d in pairs),
        "every kernel was taken as 2.": 1 + sum(dilations),
        "a gap between two taps is d samples, not d + 1.": 1 + sum((k - 1) * (d + 1) for k, d in pairs),
        "the first kernel was used for all layers.": 1 + sum((kernels[0] - 1) * d for d in dilations),
        "the dilations were ignored.": 1 + sum(k - 1 for k in kernels),
        "only the last layer was counted: each layer adds to what the one before has seen.":
            1 + (kernels[-1] - 1) * dilations[-1],
        "the widest layer was counted alone.": 1 + max((k - 1) * d for k, d in pairs),
        "the last dilation was doubled as if all were powers of two.": 2 * dilations[-1],
        "the reaches were multiplied: they add.": int(np.prod([1 + (k - 1) * d for k, d in pairs])),
        "it is one too many: the 1 for the sample itself was counted twice.": total + 2,
    }


QUEUED = {
    "the taps are in reverse: weight[..., -1] belongs to the present.": "reversed",
    "the last K entries were read: the taps are a dilation apart.": "last entries",
    "what was pushed is the layer's output: push its input, before h is changed.": "output pushed",
    "the queues stay empty: push the present input.": "never pushed",
    "the newest entry was dropped: the oldest makes room, window[1:].": "newest dropped",
    "a class is heard as 2k/(C − 1) − 1, and not 2k/C − 1.": "by C",
    "the number of the class was heard: 2k/(C − 1) − 1 lies between −1 and 1.": "class number",
    "the input of a layer is not added: h' = h + tanh(…).": "no residual",
    "the tanh is missing.": "linear",
    "u was counted from the top: the running sum begins with class 0.": "from the top",
    "the uniform numbers of the first sound were used for all.": "first u",
}
"""Sentence → name of the mistake in `oracle.generate_with_queues`."""


def generated(layers: list[dict], embed, readout, uniform: np.ndarray) -> dict:
    """Sentence → function that makes the classes."""
    number = len(array(readout))
    args = (layers, embed, readout, uniform)
    table = {
        "before the first sample the network should hear 0 (silence); it seems to have heard −1, class 0.":
            lambda: oracle.generate(*args, first=-1.0)[0],
        "before the first sample the network should hear 0 (silence); it seems to have heard +1.":
            lambda: oracle.generate(*args, first=1.0)[0],
        "before the first sample the network should hear 0, not the middle class, which is a little off.":
            lambda: oracle.generate(*args, first=2 * (number // 2) / (number - 1) - 1)[0],
        "the softmax is over the batch: it belongs over the classes (the last axis).":
            lambda: oracle.generate(*args, axis=0)[0],
        "the most likely class was taken: draw with the uniform numbers.": lambda: _greedy(*args),
        "these are amplitudes: classes are asked for.":
            lambda: 2 * oracle.generate(*args)[0] / (number - 1) - 1,
    }
    for text, name in QUEUED.items():
        table[text] = lambda name=name: oracle.generate_with_queues(*args, mistake=name)
    for text, change in {
        "the taps that look back read the present: the queues are not used.": 0,
        "the queues are one too short: each tap reads one sample too late.": -1,
        "the queues are one too long: each tap reads one sample too early.": +1,
    }.items():
        table[text] = lambda change=change: _reach(*args, change)
    return table


def _greedy(layers: list[dict], embed, readout, uniform: np.ndarray) -> np.ndarray:
    number, (batch, samples) = len(array(readout)), uniform.shape
    heard, classes = np.zeros((batch, 1)), []
    for _ in range(samples):
        k = oracle.network(layers, embed, readout, heard)[0][..., -1].argmax(1)
        classes.append(k)
        heard = np.concatenate([heard, 2 * k[:, None] / (number - 1) - 1], 1)
    return np.stack(classes, 1)


def _reach(layers: list[dict], embed, readout, uniform: np.ndarray, change: int) -> np.ndarray:
    """With every dilation changed by `change`, or all taps on the present for 0."""
    def other(layer: dict) -> dict:
        if change == 0:
            return {"weight": array(layer["weight"]).sum(-1, keepdims=True), "dilation": layer["dilation"]}
        return layer | {"dilation": layer["dilation"] + change}

    if change and any(layer["dilation"] + change < 1 for layer in layers):
        return np.zeros((0, 0))
    return oracle.generate([other(layer) for layer in layers], embed, readout, uniform)[0]
