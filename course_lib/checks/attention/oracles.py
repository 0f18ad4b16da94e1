"""What attention, alignment and PCAS must be, by definition; and what the usual mistakes make of them.

Nothing here uses the course's own attention or alignment.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise

import numpy as np
import torch
from numpy import ndarray
from numpy.random import Generator
from torch import Tensor


def sdpa_weights(g: Tensor, h: Tensor, w: Tensor | None, mask: Tensor) -> Tensor:
    """Masked bilinear weights by torch's scaled dot product: unit vectors as values bring the weights home."""
    keys = h.shape[1]
    there = mask[:, None].expand(-1, g.shape[1], -1)
    empty = ~there.any(-1, keepdim=True)
    values = torch.eye(keys, dtype=g.dtype).expand(len(g), keys, keys)
    weights = torch.nn.functional.scaled_dot_product_attention(
        g if w is None else torch.einsum("bnd,de->bne", g, w), h, values, attn_mask=there | empty, scale=1.0
    )
    return torch.where(empty, torch.zeros_like(weights), weights)


def softmax(scores: ndarray, axis: int) -> ndarray:
    """Softmax in numpy; a slice of minus infinity gives NaN."""
    with np.errstate(all="ignore"):
        e = np.exp(scores - scores.max(axis, keepdims=True))
        return e / e.sum(axis, keepdims=True)


def masked_mistakes(scores: ndarray, mask: ndarray) -> dict[str, ndarray]:
    """What usual mistakes make of (batch, queries, keys) scores and a (batch, keys) mask."""
    there = np.broadcast_to(mask[:, None], scores.shape)
    empty = ~there.any(-1, keepdims=True)

    def right(s: ndarray, keep: ndarray = there, axis: int = -1) -> ndarray:
        return np.where(empty, 0.0, np.nan_to_num(softmax(np.where(keep | empty, s, -np.inf), axis)))

    table = {
        "the mask was applied after the softmax: padding has taken its share, and what is left does not sum to one. "
        "Set the scores of padding to minus infinity before it.": softmax(scores, -1) * there,
        "the softmax runs over the queries: it must run over the keys, the last axis.": right(scores, axis=1),
        "a score of zero is not a weight of zero: multiply by the mask and padding gets e^0. Use minus infinity.":
            softmax(scores * there, -1),
        "the same (multiplied scores), with rows of padding set to zero: e^0 is a weight too.":
            np.where(empty, 0.0, softmax(scores * there, -1)),
        "the mask was not used.": softmax(scores, -1),
        "the mask is read the wrong way round: True is where there is a key.":
            np.nan_to_num(softmax(np.where(there, -np.inf, scores), -1)),
        "padding is taken to stand behind the keys; the mask says where it is, and it may stand in front.":
            right(scores, np.broadcast_to(np.sort(mask)[:, None, ::-1], scores.shape)),
        "these are scores, not weights: the softmax is missing.": scores,
        "a query without any key has equal weights over its padding; the card asks for zeros there. (A large negative "
        "number in place of minus infinity does that.)": np.where(empty, 1 / scores.shape[-1], right(scores)),
    }
    for number in (-1, -10, -20, -100, -1000):
        filled = softmax(np.where(there, scores, number), -1)
        sentence = f"padding has a score of {number}, which leaves it a share of the sum. Use minus infinity"
        table |= {f"{sentence}.": filled, f"{sentence}, not a mask on what comes out.": filled * there}
    if scores.shape[1] == scores.shape[2]:
        table["the mask lies along the queries: its new axis belongs in the middle, mask[:, None]."] = np.nan_to_num(
            softmax(np.where(mask[:, :, None], scores, -np.inf), -1)
        )
    return table


def additive_by_loops(g: ndarray, h: ndarray, w_g: ndarray, w_h: ndarray, v: ndarray, squash: Callable = np.tanh):
    """Scores, one by one."""
    scores = np.empty((len(g), g.shape[1], h.shape[1]))
    for b, n, m in np.ndindex(scores.shape):
        scores[b, n, m] = sum(v * squash(w_g @ g[b, n] + w_h @ h[b, m]))
    return scores


def masked_by_loops(scores: ndarray, mask: ndarray) -> ndarray:
    """Softmax over the keys that exist, row by row."""
    weights = np.zeros_like(scores)
    for b, n in np.ndindex(scores.shape[:2]):
        keep = np.flatnonzero(mask[b])
        if len(keep):
            weights[b, n, keep] = softmax(scores[b, n, keep], 0)
    return weights


def monotone_paths(frames: int, symbols: int) -> Iterator[ndarray]:
    """All paths that read every symbol in order: choose where the symbols 1, 2, … begin."""
    for starts in combinations(range(1, frames), symbols - 1):
        yield np.searchsorted([0, *starts], np.arange(frames), side="right") - 1


def best_path(scores: ndarray) -> ndarray:
    """The best of all monotone paths; by enumeration if they are few, else over the places of the borders."""
    frames, symbols = scores.shape
    if frames <= 12:
        return max(monotone_paths(frames, symbols), key=lambda path: scores[np.arange(frames), path].sum())
    total = np.concatenate([np.zeros((1, symbols)), scores.cumsum(0)])     # of each symbol, over frames before n
    best, border = np.full((symbols, frames + 1), -np.inf), np.zeros((symbols, frames + 1), int)
    best[0, 1:] = total[1:, 0]
    for m in range(1, symbols):
        for n in range(m + 1, frames + 1):
            ways = best[m - 1, m:n] + total[n, m] - total[m:n, m]
            border[m, n] = m + int(ways.argmax())
            best[m, n] = ways.max()
    path, end = np.empty(frames, int), frames
    for m in range(symbols - 1, -1, -1):
        path[border[m, end] : end] = m
        end = border[m, end]
    return path


def free_path(scores: ndarray, *, start: bool = False, end: bool = False, jump: int = 1) -> ndarray:
    """A path with a fault: it may start or end at any symbol, or move on by more than one symbol."""
    frames, symbols = scores.shape
    best, back = np.where((np.arange(symbols) == 0) | start, scores[0], -np.inf), []
    for n in range(1, frames):
        ways = np.stack([np.concatenate([np.full(min(j, symbols), -np.inf), best[: max(symbols - j, 0)]])
                         for j in range(min(jump, symbols) + 1)])
        back.append(ways.argmax(0))
        best = ways.max(0) + scores[n]
    path = [int(best.argmax()) if end else symbols - 1]
    for steps in reversed(back):
        path.append(path[-1] - int(steps[path[-1]]))
    return np.array(path[::-1])


def attention_matrix(rng: Generator, frames: int, symbols: int, *, sharp: float = 1.0) -> ndarray:
    """Random weights around a random monotone path; rows sum to one, no two paths equally good."""
    borders = np.sort(rng.choice(np.arange(1, frames), symbols - 1, replace=False)) if symbols > 1 else []
    place = np.searchsorted([0, *borders], np.arange(frames), side="right") - 1
    return softmax(rng.normal(0, 1.5, (frames, symbols)) + sharp * np.eye(symbols)[place], 1)


def aligned_share(
    estimated: Sequence[float], true: Sequence[float], end: float, counted: ndarray,
) -> float:
    """PCAS by elementary intervals: between two neighbouring borders of either, both name one segment."""
    borders = np.unique(np.concatenate([estimated, true, [end]]))
    right = whole = 0.0
    for a, b in pairwise(borders):
        middle = (a + b) / 2
        said = [int(np.searchsorted(onsets, middle, side="right")) - 1 for onsets in (estimated, true)]
        if counted[said[1]]:
            whole += b - a
            right += (b - a) * (said[0] == said[1])
    return 100 * right / whole
