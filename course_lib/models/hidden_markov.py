"""Hidden Markov models in log space: forward, backward, Viterbi, and the expectations of Baum-Welch, for a batch.

Conventions. A batch of models, or of copies of one, runs over a batch of sequences padded to `frames`:

    log_start   (..., states)            ln p(q_1)
    log_arcs    (..., states, states)    ln p(q_t = j | q_t-1 = i) at [i, j]
    log_end     (..., states)            ln p(the sequence ends | q_T); zeros if it may end anywhere
    log_emit    (..., frames, states)    ln p(o_t | q_t)
    lengths     (...) int                valid frames of each sequence; all by default

Leading axes broadcast. alpha counts its own frame, beta does not, so ln p = logsumexp(alpha + beta) at every frame.
What lies beyond the end of a sequence has no influence. -inf stands for what is impossible; `forward` has no gradient
(NaN) where all ways into a state are impossible. Derived in unit 11_dtw_hmm.

Papers: L. Rabiner, "A tutorial on hidden Markov models and selected applications in speech recognition", Proc. IEEE
77, 1989; L. Baum et al., Ann. Math. Statist. 41, 1970; A. Viterbi, IEEE Trans. Information Theory 13, 1967.
"""

from typing import NamedTuple

import torch
from torch import Tensor


class Forward(NamedTuple):
    """`alpha` (..., frames, states) and `log_p` (...), the log probability of each sequence."""

    alpha: Tensor
    log_p: Tensor


class StatePath(NamedTuple):
    """`states` (..., frames) int64, -1 beyond the end, and `score` (...): ln p(path, sequence)."""

    states: Tensor
    score: Tensor


class Expectations(NamedTuple):
    """`states` (..., frames, states): p(q_t | o). `arcs` (..., states, states): expected number of uses of each arc.

    `log_p` (...) as in `Forward`. Beyond the end of a sequence all is zero.
    """

    states: Tensor
    arcs: Tensor
    log_p: Tensor


def forward(
    log_start: Tensor, log_arcs: Tensor, log_emit: Tensor, *, log_end: Tensor | None = None,
    lengths: Tensor | None = None,
) -> Forward:
    """ln of the summed probability of all paths up to each frame and state.

    Raises:
        ValueError: no sequence, no frames, shapes that do not belong together, or lengths outside 1 ... frames.

    >>> log_half = torch.full((2,), 0.5).log()
    >>> forward(log_half, log_half.expand(2, 2), torch.zeros(3, 2)).log_p
    tensor(0.)
    """
    log_start, log_arcs, log_end, log_emit, lengths = _shaped(log_start, log_arcs, log_end, log_emit, lengths)
    alpha = [log_start + log_emit[..., 0, :]]                              # each (..., states)
    for t in range(1, log_emit.shape[-2]):
        alpha.append(_log_matmul(alpha[-1], log_arcs) + log_emit[..., t, :])
    alpha = torch.stack(alpha, -2)                                         # (..., frames, states)
    return Forward(alpha, (_at(alpha, lengths - 1) + log_end).logsumexp(-1))


def backward(
    log_start: Tensor, log_arcs: Tensor, log_emit: Tensor, *, log_end: Tensor | None = None,
    lengths: Tensor | None = None,
) -> Tensor:
    """(..., frames, states): ln of the summed probability of all ways to go on from each state to the end.

    Args and errors: as in `forward`.
    """
    _, log_arcs, log_end, log_emit, lengths = _shaped(log_start, log_arcs, log_end, log_emit, lengths)
    frames = log_emit.shape[-2]
    beta = [log_end.expand_as(log_emit[..., 0, :])]
    for t in range(frames - 2, -1, -1):
        onward = _log_matmul(beta[-1] + log_emit[..., t + 1, :], log_arcs.mT)
        beta.append(torch.where((t >= lengths - 1)[..., None], log_end, onward))
    return torch.stack(beta[::-1], -2)


def viterbi(
    log_start: Tensor, log_arcs: Tensor, log_emit: Tensor, *, log_end: Tensor | None = None,
    lengths: Tensor | None = None,
) -> StatePath:
    """The most likely path and its score. Of equal paths the one with the lower state at the last difference.

    Args and errors: as in `forward`.

    >>> emit = torch.tensor([[0.9, 0.1], [0.4, 0.6], [0.9, 0.1]]).log()
    >>> stay = torch.tensor([[0.9, 0.1], [0.1, 0.9]]).log()
    >>> viterbi(torch.zeros(2), stay, emit).states.tolist()
    [0, 0, 0]
    """
    log_start, log_arcs, log_end, log_emit, lengths = _shaped(log_start, log_arcs, log_end, log_emit, lengths)
    frames, last = log_emit.shape[-2], lengths - 1
    best = log_start + log_emit[..., 0, :]
    final, pointers = best, []
    for t in range(1, frames):
        best, back = (best[..., :, None] + log_arcs).max(-2)               # over the state before
        best = best + log_emit[..., t, :]
        final = torch.where((t == last)[..., None], best, final)
        pointers.append(back)                                              # (..., states)
    score, state = (final + log_end).max(-1)                               # (...)
    path = [state]
    for t in range(frames - 2, -1, -1):
        before = pointers[t].gather(-1, path[-1][..., None])[..., 0]
        path.append(torch.where(t >= last, state, before))                 # beyond the end: wait in the last state
    path = torch.stack(path[::-1], -1)
    inside = torch.arange(frames, device=path.device) < lengths[..., None]
    return StatePath(path.masked_fill(~inside, -1), score)


def expectations(
    log_start: Tensor, log_arcs: Tensor, log_emit: Tensor, *, log_end: Tensor | None = None,
    lengths: Tensor | None = None,
) -> Expectations:
    """The E step of Baum-Welch: how often each state and each arc is used, given the sequence.

    A sequence that is impossible under its model adds nothing. Args and errors: as in `forward`.
    """
    alpha, log_p = forward(log_start, log_arcs, log_emit, log_end=log_end, lengths=lengths)
    beta = backward(log_start, log_arcs, log_emit, log_end=log_end, lengths=lengths)
    _, log_arcs, _, log_emit, lengths = _shaped(log_start, log_arcs, log_end, log_emit, lengths)
    log_p = log_p.clamp_min(torch.finfo(log_emit.dtype).min)               # -inf - -inf would be NaN
    steps = torch.arange(log_emit.shape[-2], device=log_emit.device)
    inside = (steps < lengths[..., None])[..., None]                       # (..., frames, 1)
    states = (alpha + beta - log_p[..., None, None]).exp().masked_fill(~inside, 0.0)
    onward = log_emit + beta - log_p[..., None, None]                      # b_j(o_t) · beta_t(j) / p
    arcs = torch.zeros_like(log_arcs)
    for t in range(1, log_emit.shape[-2]):
        used = alpha[..., t - 1, :, None] + log_arcs + onward[..., t, None, :]
        arcs = arcs + used.exp().masked_fill(~inside[..., t, :, None], 0.0)
    return Expectations(states, arcs, log_p)


def left_to_right(log_stay: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """`log_start`, `log_arcs` and `log_end` of a chain: start in the first state, end by leaving the last one.

    Args:
        log_stay: (..., states), ln of the probability to stay in each state for the next frame.

    >>> start, arcs, end = left_to_right(torch.tensor([0.5, 0.75]).log())
    >>> arcs.exp()
    tensor([[0.5000, 0.5000],
            [0.0000, 0.7500]])
    """
    states = log_stay.shape[-1]
    leave = torch.log1p(-log_stay.exp())
    nowhere = torch.full_like(log_stay, -torch.inf)
    start, end = nowhere.clone(), nowhere.clone()
    start[..., 0], end[..., -1] = 0.0, leave[..., -1]
    arcs = nowhere[..., None, :].repeat(*[1] * (log_stay.ndim - 1), states, 1)
    index = torch.arange(states)
    arcs[..., index, index] = log_stay
    arcs[..., index[:-1], index[1:]] = leave[..., :-1]
    return start, arcs, end


def _log_matmul(row: Tensor, matrix: Tensor) -> Tensor:
    """logsumexp over i of row[..., i] + matrix[..., i, j]: (..., j)."""
    return (row[..., :, None] + matrix).logsumexp(-2)


def _at(x: Tensor, index: Tensor) -> Tensor:
    """x[..., index, :] with one index for each leading entry."""
    return x.gather(-2, index[..., None, None].expand(*x.shape[:-2], 1, x.shape[-1]))[..., 0, :]


def _shaped(
    log_start: Tensor, log_arcs: Tensor, log_end: Tensor | None, log_emit: Tensor, lengths: Tensor | None,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """All with the same leading axes."""
    frames, states = log_emit.shape[-2:]
    log_end = torch.zeros_like(log_start) if log_end is None else log_end
    if log_start.shape[-1] != states or log_end.shape[-1] != states or log_arcs.shape[-2:] != (states, states):
        raise ValueError(
            f"log_emit has {states} states; log_start, log_arcs and log_end have shapes {tuple(log_start.shape)}, "
            f"{tuple(log_arcs.shape)} and {tuple(log_end.shape)}"
        )
    if frames == 0:
        raise ValueError("a sequence needs at least one frame")
    lead = torch.broadcast_shapes(
        log_start.shape[:-1], log_end.shape[:-1], log_arcs.shape[:-2], log_emit.shape[:-2],
        () if lengths is None else lengths.shape,
    )
    lengths = torch.tensor(frames, device=log_emit.device) if lengths is None else lengths
    if not lengths.numel():
        raise ValueError("a batch needs at least one sequence")
    if int(lengths.min()) < 1 or int(lengths.max()) > frames:
        raise ValueError(f"lengths must lie between 1 and {frames}, got {int(lengths.min())} to {int(lengths.max())}")
    return (
        log_start.expand(*lead, states), log_arcs.expand(*lead, states, states), log_end.expand(*lead, states),
        log_emit.expand(*lead, frames, states), lengths.expand(lead),
    )
