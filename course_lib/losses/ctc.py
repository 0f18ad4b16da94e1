"""Connectionist temporal classification in the log domain: forward and backward variables, occupancy, loss.

Conventions. A label of L symbols is read through its S = 2L + 1 states: the symbols with a blank before, between and
after them. Both variables hold the probability of frame t itself, as in the paper:

    alpha[t, s] = log of the summed probability of the beginnings pi[0..t] that end in state s
    beta[t, s]  = log of the summed probability of the endings pi[t..T-1] that start in state s

so y_t counts twice in alpha + beta, and for every t: log p(label | x) = logsumexp_s(alpha + beta - log y_t).
Impossible states hold -inf; a label that needs more frames than there are has p = 0 and a loss of +inf.
Time is a loop, states and batch are vectorised: T small steps in place of B·T·S scalar ones.

Paper: A. Graves, S. Fernández, F. Gomez, J. Schmidhuber, "Connectionist temporal classification: labelling unsegmented
sequence data with recurrent neural networks", ICML 2006. Derived in unit 12_ctc.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def ctc_loss(
    log_probs: Float[Tensor, "batch frames classes"], labels: Int[Tensor, "batch symbols"],
    lengths: Int[Tensor, " batch"] | None = None, label_lengths: Int[Tensor, " batch"] | None = None, *, blank: int = 0,
) -> Float[Tensor, " batch"]:
    """-ln p(label | x) of each utterance, in nats; differentiable in `log_probs`.

    Args:
        log_probs: log posteriors, as `log_softmax` gives them.
        labels: symbols without blanks, padded with anything valid as an index.
        lengths: valid frames of each utterance; all by default.
        label_lengths: valid symbols of each label; all by default.
        blank: index of the blank.

    Returns:
        One loss per utterance; +inf, with a gradient of zero, where the label needs more frames than there are.

    Raises:
        ValueError: a length is out of range, or a label holds the blank.

    Derived in unit 12_ctc.

    >>> y = torch.full((1, 2, 2), 0.5).log()             # two frames, blank and one symbol, all equally likely
    >>> ctc_loss(y, torch.tensor([[1]])).exp()           # three of the four paths say "1": p = 3/4
    tensor([1.3333])
    """
    labels, lengths, label_lengths = _lengths(log_probs, labels, lengths, label_lengths, blank)
    return _CTCLoss.apply(log_probs, labels, lengths, label_lengths, blank)


def ctc_forward(
    log_probs: Float[Tensor, "batch frames classes"], labels: Int[Tensor, "batch symbols"], *, blank: int = 0,
) -> Float[Tensor, "batch frames states"]:
    """alpha: log probability of the beginnings that end in each state, y_t included. Derived in unit 12_ctc."""
    states = extend(labels, blank)
    emissions = log_probs.gather(2, states[:, None].expand(-1, log_probs.shape[1], -1))
    return _recursion(emissions, skips(states, blank))


def ctc_backward(
    log_probs: Float[Tensor, "batch frames classes"], labels: Int[Tensor, "batch symbols"],
    lengths: Int[Tensor, " batch"] | None = None, label_lengths: Int[Tensor, " batch"] | None = None, *, blank: int = 0,
) -> Float[Tensor, "batch frames states"]:
    """beta: log probability of the endings that start in each state, y_t included. Derived in unit 12_ctc.

    Read backwards, a CTC path of a label is a CTC path of the label read backwards: beta is the alpha of the mirrored
    problem, mirrored back. Frames and states beyond the lengths are -inf.
    """
    labels, lengths, label_lengths = _lengths(log_probs, labels, lengths, label_lengths, blank)
    frames, symbols = log_probs.shape[1], labels.shape[1]
    time, _ = _mirror(lengths, frames)
    mirrored = log_probs.gather(1, time[:, :, None].expand_as(log_probs))
    alpha = ctc_forward(mirrored, labels.gather(1, _mirror(label_lengths, symbols)[0]), blank=blank)
    time, in_time = _mirror(lengths, frames)
    state, in_label = _mirror(2 * label_lengths + 1, 2 * symbols + 1)
    beta = alpha.gather(1, time[:, :, None].expand_as(alpha)).gather(2, state[:, None].expand_as(alpha))
    return beta.masked_fill(~(in_time[:, :, None] & in_label[:, None]), -torch.inf)


def ctc_occupancy(
    log_probs: Float[Tensor, "batch frames classes"], labels: Int[Tensor, "batch symbols"],
    lengths: Int[Tensor, " batch"] | None = None, label_lengths: Int[Tensor, " batch"] | None = None, *, blank: int = 0,
    alpha: Float[Tensor, "batch frames states"] | None = None,
) -> Float[Tensor, "batch frames classes"]:
    """p(pi_t = k | label, x): the share of the label's probability that passes through class k at frame t.

    Each valid frame sums to one; it is the target that CTC sets the network, since d loss / d logits = y - occupancy.
    Zero beyond the lengths, and everywhere where the label is impossible. `alpha` may be handed in. Unit 12_ctc.
    """
    labels, lengths, label_lengths = _lengths(log_probs, labels, lengths, label_lengths, blank)
    states = extend(labels, blank)
    index = states[:, None].expand(-1, log_probs.shape[1], -1)
    alpha = ctc_forward(log_probs, labels, blank=blank) if alpha is None else alpha
    beta = ctc_backward(log_probs, labels, lengths, label_lengths, blank=blank)
    log_p = _log_likelihood(alpha, lengths, label_lengths)[:, None, None]
    both = alpha + beta
    # A state that cannot be reached has -inf here, and its y_t may be -inf too: leave it out before subtracting.
    reached = both > -torch.inf
    share = torch.where(reached, both - log_probs.gather(2, index) - log_p, -torch.inf).exp()
    return torch.zeros_like(log_probs).scatter_add_(2, index, share)


def extend(labels: Int[Tensor, "batch symbols"], blank: int = 0) -> Int[Tensor, "batch states"]:
    """The states of a label: a blank before, between and after its symbols. [[3, 1]] → [[0, 3, 0, 1, 0]]."""
    states = labels.new_full((labels.shape[0], 2 * labels.shape[1] + 1), blank)
    states[:, 1::2] = labels
    return states


def skips(states: Int[Tensor, "batch states"], blank: int = 0) -> Bool[Tensor, "batch states"]:
    """Where a path may come from two states back: onto a symbol that differs from the symbol before it."""
    allowed = torch.zeros_like(states, dtype=torch.bool)
    allowed[:, 2:] = (states[:, 2:] != blank) & (states[:, 2:] != states[:, :-2])
    return allowed


def _recursion(emissions: Tensor, may_skip: Tensor) -> Tensor:
    """alpha from the log emissions of the states, (batch, frames, states)."""
    batch, frames, count = emissions.shape
    emissions = emissions.transpose(0, 1).contiguous()
    # Two columns of -inf on the left stand for "no state before the first".
    alpha = emissions.new_full((frames, batch, count + 2), -torch.inf)
    alpha[0, :, 2:4] = emissions[0, :, :2]
    gate = torch.zeros_like(may_skip, dtype=emissions.dtype).masked_fill_(~may_skip, -torch.inf)
    skip = torch.empty_like(gate)
    here, one_back, two_back = (alpha[:, :, first : first + count].unbind(0) for first in (2, 1, 0))
    for t in range(1, frames):
        total = torch.logaddexp(here[t - 1], one_back[t - 1], out=here[t])
        torch.logaddexp(total, torch.add(two_back[t - 1], gate, out=skip), out=total)
        total += emissions[t]
    return alpha[:, :, 2:].transpose(0, 1)


def _log_likelihood(alpha: Tensor, lengths: Tensor, label_lengths: Tensor) -> Tensor:
    """ln p(label | x): the last frame, in the last symbol or the blank after it."""
    last = alpha[torch.arange(len(alpha), device=alpha.device), lengths - 1]
    final_blank = last.gather(1, 2 * label_lengths[:, None])[:, 0]
    final_symbol = last.gather(1, (2 * label_lengths[:, None] - 1).clamp(min=0))[:, 0]
    return torch.where(label_lengths > 0, torch.logaddexp(final_blank, final_symbol), final_blank)


def _mirror(lengths: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Indices (batch, size) that reverse the first `lengths` places, and the mask of those places."""
    place = torch.arange(size, device=lengths.device).expand(len(lengths), -1)
    inside = place < lengths[:, None]
    return torch.where(inside, lengths[:, None] - 1 - place, place), inside


def _lengths(
    log_probs: Tensor, labels: Tensor, lengths: Tensor | None, label_lengths: Tensor | None, blank: int,
) -> tuple[Tensor, Tensor, Tensor]:
    """Labels as int64 on the right device, lengths filled in, and all of them checked."""
    batch, frames, classes = log_probs.shape
    labels = torch.as_tensor(labels, device=log_probs.device).long()
    lengths = labels.new_full((batch,), frames) if lengths is None else lengths.to(labels)
    label_lengths = labels.new_full((batch,), labels.shape[1]) if label_lengths is None else label_lengths.to(labels)
    if labels.shape[0] != batch or lengths.shape != (batch,) or label_lengths.shape != (batch,):
        raise ValueError(f"expected labels (batch, symbols) and one length each for a batch of {batch}")
    if bool((lengths < 1).any() | (lengths > frames).any()):
        raise ValueError(f"each utterance needs 1 to {frames} valid frames, got {lengths.tolist()}")
    if bool((label_lengths < 0).any() | (label_lengths > labels.shape[1]).any()):
        raise ValueError(f"each label needs 0 to {labels.shape[1]} symbols, got {label_lengths.tolist()}")
    _, inside = _mirror(label_lengths, labels.shape[1])
    if bool((inside & ((labels == blank) | (labels < 0) | (labels >= classes))).any()):
        raise ValueError(f"symbols must lie in 0..{classes - 1} and differ from the blank, {blank}")
    return labels.masked_fill(~inside, blank), lengths, label_lengths


class _CTCLoss(torch.autograd.Function):
    """The loss with its own backward: d(-ln p) / d(ln y_t^k) = -occupancy, with no graph through the recursion."""

    @staticmethod
    def forward(ctx, log_probs, labels, lengths, label_lengths, blank):
        alpha = ctc_forward(log_probs, labels, blank=blank)
        ctx.save_for_backward(log_probs, labels, lengths, label_lengths, alpha)
        ctx.blank = blank
        return -_log_likelihood(alpha, lengths, label_lengths)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad):
        log_probs, labels, lengths, label_lengths, alpha = ctx.saved_tensors
        occupancy = ctc_occupancy(log_probs, labels, lengths, label_lengths, blank=ctx.blank, alpha=alpha)
        return -occupancy * grad[:, None, None], None, None, None, None
