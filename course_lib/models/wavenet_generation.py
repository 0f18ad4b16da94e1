"""Generation with a WaveNet: the naive way, and with queues, which give the same samples.

Naive: for each new sample, run the network over its whole receptive field and keep the last output.
Cached: what a layer with dilation d needs of the past is its own input d samples ago. Keep the last d inputs of each
layer in a queue of that length; a new sample then costs one column of each layer.

The cached step below is arranged for few and small tensor operations, because at this size each operation costs more
than its arithmetic:

* All that the layers need of the past and of the condition is known before the step begins: one gather and two
  batched products serve all layers.
* A layer hands on its input x and its gated output z. The next layer needs W x' with x' = x + R z; with W' = W R that
  is one product of [z x] with one matrix, which gives both x' and the next pre-activation.
* σ(a) = (1 + tanh(a/2))/2, so that one tanh serves filter and gate; the halves are folded into the weights.
* The skips of all layers are one product at the end. Every result goes into memory allocated before.

On a GPU the same step is recorded once as a CUDA graph and replayed: one launch in place of some hundred.

Derived in unit 15_wavenet. Papers: T. L. Paine et al., "Fast WaveNet generation algorithm", 2016.
"""

import math

import torch
from torch import Tensor, nn

from course_lib.models.wavenet import WaveNet
from course_lib.signal.mu_law import class_position


def pick_class(logits: Tensor, uniform: Tensor) -> Tensor:
    """Draw classes by inverting the distribution function: the first class at which the running sum passes u.

    Args:
        logits: (batch, classes). uniform: (batch, 1) in [0, 1).

    Returns:
        (batch, 1) int64.

    >>> pick_class(torch.log(torch.tensor([[0.2, 0.5, 0.3]])), torch.tensor([[0.6]]))
    tensor([[1]])
    """
    total = torch.softmax(logits, -1).cumsum(-1)
    return torch.searchsorted(total, uniform, right=True).clamp_(max=logits.shape[-1] - 1)   # sums may end below 1


def _expect_fit(model: WaveNet, uniform: Tensor, conditions: tuple, temperature: float, samples: int) -> None:
    weight, sizes = model.input.weight, (model.config["global_size"], model.config["local_size"])
    if not temperature > 0:
        raise ValueError(f"the temperature should be positive, got {temperature} (0.01 all but takes the maximum)")
    if uniform.ndim != 2 or (uniform.dtype, uniform.device) != (weight.dtype, weight.device):
        raise ValueError(f"uniform should be (batch, samples), {weight.dtype} on {weight.device} as the model is")
    for name, given, size in zip(("world", "local"), conditions, sizes, strict=True):
        if size and (given is None or given.shape[:2] != (len(uniform), size)):
            raise ValueError(f"the model needs {name} with {size} features for each of {len(uniform)} sound(s)")
    if model.upsample is not None and conditions[1].shape[-1] * math.prod(model.config["upsampling"]) < samples:
        raise ValueError(f"{conditions[1].shape[-1]} frames of the local condition are too few for {samples} samples")


@torch.no_grad()
def generate_naive(
    model: WaveNet, uniform: Tensor, world: Tensor | None = None, local: Tensor | None = None, *,
    temperature: float = 1.0, before: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """One forward pass over the receptive field for each sample; arguments and result as `generate`.

    Args:
        before: (batch, n) classes that came before; generation goes on from there. The conditions begin with them.
    """
    batch, samples = len(uniform), uniform.shape[-1]
    classes = torch.zeros(batch, 0, dtype=torch.long, device=uniform.device) if before is None else before
    _expect_fit(model, uniform, (world, local), temperature, classes.shape[1] + samples)
    y = None if model.upsample is None else model.upsample(local)
    found = []
    for t in range(samples):
        now = classes.shape[1]
        past = nn.functional.pad(class_position(classes.to(uniform), model.classes), (1, 0))   # silence first
        first = max(0, now + 1 - model.receptive_field)
        logits = model.logits(past[:, first:], world, None if y is None else y[..., first : now + 1])[..., -1]
        logits = logits / temperature
        classes = torch.cat([classes, pick_class(logits, uniform[:, t, None].contiguous())], 1)
        found.append(logits)
    return classes[:, classes.shape[1] - samples :], torch.stack(found, -1)


def generate(
    model: WaveNet, uniform: Tensor, world: Tensor | None = None, local: Tensor | None = None, *,
    temperature: float = 1.0, return_logits: bool = False,
) -> Tensor | tuple[Tensor, Tensor]:
    """Draw a batch of sounds from silence on, one sample at a time, with queues.

    Args:
        model: a trained `WaveNet`, kernel 2.
        uniform: (batch, samples) numbers in [0, 1), one for each sample to draw: the same numbers give the same sound.
        world: (batch, features); local: (batch, features, frames): the condition.
        temperature: of the softmax, positive.
        return_logits: also the (batch, classes, samples) logits that were drawn from, after the temperature.

    Returns:
        (batch, samples) int64 classes.

    Raises:
        ValueError: another kernel than 2, a temperature of 0, or conditions or `uniform` that do not fit the model.
    """
    generator = CachedGenerator(model, uniform, world, local, temperature=temperature, keep_logits=return_logits)
    classes = generator.run()
    return (classes, generator.kept.permute(1, 2, 0).clone()) if return_logits else classes


class CachedGenerator:
    """The state of a cached generation: queues, weights in the order of the step, and what has been drawn."""

    @torch.inference_mode()
    def __init__(self, model: WaveNet, uniform: Tensor, world: Tensor | None = None, local: Tensor | None = None, *,
                 temperature: float = 1.0, keep_logits: bool = False):
        if model.kernel != 2:
            raise ValueError(f"the cached step is written for kernel 2, the model has {model.kernel}")
        _expect_fit(model, uniform, (world, local), temperature, uniform.shape[-1])
        batch, self.samples = uniform.shape
        layers, self.c = len(model.blocks), model.input.out_channels
        self.uniform = uniform.t()[..., None].contiguous()                         # (samples, batch, 1)
        self.heard = class_position(torch.arange(model.classes).to(uniform), model.classes)[:, None]
        self.weights = StepWeights(model, uniform, world, temperature)
        y = None if model.upsample is None else model.upsample(local)[..., : self.samples]
        self.y = None if y is None else y.permute(2, 0, 1).contiguous()            # (samples, batch, local channels)
        zeros = uniform.new_zeros
        whole = {"dtype": torch.long, "device": uniform.device}
        self.lengths = torch.tensor(model.dilations, **whole)                      # of the queues
        self.offsets = torch.cumsum(self.lengths, 0) - self.lengths                # all queues lie in one tensor
        self.queues = zeros(sum(model.dilations), batch, self.c)
        self.t, self.places = torch.zeros(1, **whole), torch.zeros(layers, **whole)
        self.past = zeros(layers, batch, self.c)
        self.known = zeros(layers, batch, 3 * self.c)
        self.rows = zeros(layers, batch, 3 * self.c)                               # [gate, filter, x] of each layer
        self.gated = zeros(batch, layers, self.c)
        self.sample = zeros(batch, 1)
        self.drawn = torch.zeros(self.samples, batch, **whole)
        self.kept = zeros(self.samples, batch, model.classes) if keep_logits else None
        c = self.c
        self.views = [(row[:, : 2 * c], row[:, :c], row[:, c : 2 * c], row[:, c:]) for row in self.rows]
        self.chain = list(zip(self.views, self.weights.steps, self.known[1:], self.rows[1:], strict=False))

    def run(self) -> Tensor:
        """Draw all samples: (batch, samples) int64."""
        with torch.inference_mode():
            self._reset()
            if self.uniform.is_cuda:
                self._replay()
            else:
                for _ in range(self.samples):
                    self.step()
        return self.drawn.t().clone()

    def step(self) -> None:
        """Draw one sample. No Python number changes from step to step, so that a CUDA graph can record it."""
        w = self.weights
        torch.remainder(self.t, self.lengths, out=self.places).add_(self.offsets)
        torch.index_select(self.queues, 0, self.places, out=self.past)             # x of layer i, dilation_i ago
        torch.baddbmm(w.base, self.past, w.from_past, out=self.known)
        if self.y is not None:
            y = self.y.index_select(0, self.t).expand(len(self.rows), -1, -1)
            self.known.baddbmm_(y, w.from_local)
        torch.addmm(self.known[0], self.sample, w.first, out=self.rows[0])
        for (both, gate, filtered, state), weight, known, following in self.chain:
            both.tanh_()
            filtered.addcmul_(filtered, gate)                                      # tanh(f) (1 + tanh(g/2)) = 2 z
            torch.addmm(known, state, weight, out=following)
        both, gate, filtered, _ = self.views[-1]
        both.tanh_()
        filtered.addcmul_(filtered, gate)
        self.queues.index_copy_(0, self.places, self.rows[..., 2 * self.c :])      # the oldest makes room
        self.gated.copy_(self.rows[..., self.c : 2 * self.c].transpose(0, 1))
        self._draw(w.output(self.gated.flatten(1)))

    def _draw(self, logits: Tensor) -> None:
        if self.kept is not None:
            self.kept.index_copy_(0, self.t, logits[None])
        classes = pick_class(logits, self.uniform.index_select(0, self.t)[0]).view(1, -1)
        self.drawn.index_copy_(0, self.t, classes)
        torch.index_select(self.heard, 0, classes[0], out=self.sample)
        self.t.add_(1)

    def _reset(self) -> None:
        for state in (self.t, self.queues, self.sample):
            state.zero_()

    def _replay(self) -> None:
        """Record one step as a CUDA graph, after a few for warming up, and replay it for every sample."""
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(min(3, self.samples)):
                self.step()
        torch.cuda.current_stream().wait_stream(aside)
        self._reset()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.step()
        self._reset()
        for _ in range(self.samples):
            graph.replay()


class StepWeights:
    """The weights of a model in the order in which the cached step uses them; see the head of this file."""

    def __init__(self, model: WaveNet, like: Tensor, world: Tensor | None, temperature: float):
        c, batch, blocks = model.input.out_channels, len(like), model.blocks
        half = torch.cat([torch.full((c,), 0.5), torch.ones(c)]).to(like)

        def turned(weight: Tensor) -> Tensor:
            """Rows [filter, gate] → [gate/2, filter]."""
            return torch.cat([weight[c:], weight[:c]]) * half.reshape(-1, *[1] * (weight.ndim - 1))

        def widened(weight: Tensor) -> Tensor:
            """(2c, n) → (n, 3c): nothing is added to x."""
            return nn.functional.pad(weight.T, (0, c))

        taps = [turned(b.conv.weight) for b in blocks]
        before, now = [w[..., 0] for w in taps], [w[..., 1] for w in taps]
        residual = [b.residual.weight[..., 0] / 2 for b in blocks]                 # reads 2 z
        into, eye = model.input.weight[:, :, 0], torch.eye(c).to(like)
        self.first = torch.cat([now[0] @ into, into]).T.contiguous()               # (1, 3c), reads the sample
        self.steps = [                                                             # (2c, 3c), reads [2z, x]
            torch.cat([torch.cat([w @ r, w], 1), torch.cat([r, eye], 1)]).T.contiguous()
            for w, r in zip(now[1:], residual, strict=False)
        ]
        self.from_past = torch.stack([widened(w) for w in before])                 # (layers, c, 3c)
        if model.upsample is not None:
            self.from_local = torch.stack([widened(turned(b.of_local.weight[..., 0])) for b in blocks])
        shifts = [model.input.bias, *(b.residual.bias for b in blocks[:-1])]       # what the bias before adds to x
        self.base = torch.zeros(len(blocks), batch, 3 * c).to(like)                # (layers, batch, 3c)
        for row, block, w, shift in zip(self.base, blocks, now, shifts, strict=True):
            row += torch.cat([turned(block.conv.bias) + w @ shift, shift])
            if block.of_global is not None:
                row[:, : 2 * c] += turned(block.of_global(world).T).T
        scale = 1 / math.sqrt(len(blocks))
        self.skip = torch.cat([b.skip.weight[..., 0].T for b in blocks]) * scale / 2   # (layers c, skip)
        self.skip_bias = sum(b.skip.bias for b in blocks) * scale
        hidden, out = model.output[1], model.output[3]
        self.head = [(hidden.weight[..., 0].T.contiguous(), hidden.bias),
                     (out.weight[..., 0].T.contiguous() / temperature, out.bias / temperature)]

    def output(self, gated: Tensor) -> Tensor:
        """(batch, layers · c) → logits (batch, classes)."""
        h = torch.addmm(self.skip_bias, gated, self.skip)
        for weight, bias in self.head:
            h = torch.addmm(bias, h.relu_(), weight)
        return h
