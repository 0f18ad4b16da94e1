"""Plots of sound and of training, with units on every axis."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray | Tensor
TINY = 1e-12


def waveform(x: Array, sr: int, *, ax: "Axes | None" = None, title: str = "", label: str | None = None) -> "Axes":
    """Draw a waveform over time in seconds.

    Args:
        x: (n,) samples.
        sr: sample rate in Hz.

    Returns:
        The axis.

    Used from unit 00_start on.
    """
    x = _numpy(x)
    if x.ndim != 1 or x.size == 0:
        raise ValueError(f"waveform draws (n,) samples, got shape {x.shape}.")
    ax = _axis(ax)
    ax.plot(np.arange(x.size) / sr, x, linewidth=0.6, label=label)
    ax.set(xlabel="time (s)", ylabel="amplitude", title=title, xlim=(0, x.size / sr))
    return ax


def spectrogram(
    x: Array,
    sr: int,
    *,
    hop: int | None = None,
    n_fft: int = 1024,
    ax: "Axes | None" = None,
    title: str = "",
    db_range: float = 80.0,
    ref: float | None = None,
    frequencies: Array | None = None,
    fmax: float | None = None,
    colorbar: bool = True,
) -> "Axes":
    """Draw a spectrogram over seconds and kilohertz, in dB relative to its maximum.

    Args:
        x: a waveform (n,), or an STFT or magnitude (bins, frames), complex or real and not negative.
        sr: sample rate in Hz.
        hop: hop in samples; a quarter of the window if None.
        n_fft: window length in samples for a waveform; an STFT carries its own.
        ax: axis to draw on; a new figure if None.
        db_range: what lies lower than this many dB below the reference is drawn as the lowest colour.
        ref: magnitude drawn as 0 dB; the maximum if None. Give the same to two plots to compare them.
        frequencies: centre frequency of each bin in Hz, for a mel or constant-Q spectrogram; the axis shows them at
            equal distances.
        fmax: highest frequency drawn, in Hz.

    Returns:
        The axis.

    Raises:
        ValueError: wrong shape, nan, or negative values (a picture in dB already).

    Derived in unit 02_stft.
    """
    magnitude, hop = _magnitude(x, hop, n_fft)
    ax = _axis(ax)
    top = float(magnitude.max()) if ref is None else float(ref)
    decibel = 20 * np.log10(np.maximum(magnitude, TINY) / max(top, TINY))
    bins, frames = magnitude.shape
    # Frame t is centred on t * hop; bin k on k * sr / n_fft. Half a cell of margin on each side.
    times = ((-0.5) * hop / sr, (frames - 0.5) * hop / sr)
    spacing = sr / 2 / max(bins - 1, 1) / 1000
    heights = (-0.5 * spacing, (bins - 0.5) * spacing) if frequencies is None else (-0.5, bins - 0.5)
    image = ax.imshow(
        decibel, extent=(*times, *heights), vmin=-db_range, vmax=0, aspect="auto", origin="lower",
        cmap="magma", interpolation="nearest",
    )  # fmt: skip
    ax.grid(False)
    ax.set(xlabel="time (s)", ylabel="frequency (kHz)", title=title)
    if frequencies is not None:
        _label_bins(ax, _numpy(frequencies), bins)
    elif fmax is not None:
        ax.set_ylim(0, fmax / 1000)
    else:
        ax.set_ylim(0, sr / 2000)
    ax.set_xlim(max(times[0], 0), times[1])
    ax.locator_params(axis="x", nbins=6)
    if colorbar:
        ax.figure.colorbar(image, ax=ax, label="level (dB)")
    return ax


def compare(
    items: Mapping[str, Array | tuple[Array, dict]],
    sr: int,
    *,
    db_range: float = 80.0,
    columns: int = 2,
    shared: bool = True,
    **options: Any,
) -> "Figure":
    """Draw spectrograms side by side, by default on one scale with one colour bar.

    Args:
        items: title to what `spectrogram` takes, or to a pair (that, its own options): a waveform cut with two windows
            is `{"short": (x, {"n_fft": 256}), "long": (x, {"n_fft": 4096})}`.
        sr: sample rate in Hz.
        db_range: see `spectrogram`.
        columns: pictures per row.
        shared: 0 dB is the maximum of all pictures; otherwise that of each.
        **options: options of `spectrogram` for all pictures.

    Returns:
        The figure, for `ui.show(fig, alt=...)`.

    Used from unit 02_stft on.
    """
    import matplotlib.pyplot as plt

    if not items:
        raise ValueError("compare needs at least one picture.")
    pairs = {title: item if isinstance(item, tuple) else (item, {}) for title, item in items.items()}
    settings = {title: {**options, **own} for title, (_, own) in pairs.items()}
    ref = None
    if shared:
        ref = max(
            float(_magnitude(x, settings[title].get("hop"), settings[title].get("n_fft", 1024))[0].max())
            for title, (x, _) in pairs.items()
        )
    columns = min(columns, len(pairs))
    rows = -(-len(pairs) // columns)
    fig, axes = plt.subplots(
        rows, columns, figsize=(4.6 * columns + 0.6, 2.7 * rows + 0.3), squeeze=False, sharex=True, layout="constrained"
    )
    for ax, (title, (x, _)) in zip(axes.flat, pairs.items(), strict=False):
        spectrogram(x, sr, ax=ax, title=title, db_range=db_range, ref=ref, colorbar=not shared, **settings[title])
        ax.label_outer()
    for ax in axes.flat[len(pairs) :]:
        ax.remove()
    if shared:
        fig.colorbar(axes.flat[0].images[0], ax=list(axes.flat[: len(pairs)]), label="level (dB)")
    return fig


def learning_curve(histories: Any, *, title: str = "", log: bool = False) -> "Figure":
    """Draw the loss of one training run, or of several, over the steps.

    Args:
        histories: a `train.History`, or label to history.
        log: logarithmic loss axis.

    Returns:
        The figure, for `ui.show(fig, alt=...)`.

    Used from unit 12_ctc on.
    """
    import matplotlib.pyplot as plt

    named = histories if isinstance(histories, Mapping) else {"": histories}
    if not named:
        raise ValueError("learning_curve needs at least one history.")
    fig, ax = plt.subplots()
    for i, (name, history) in enumerate(named.items()):
        colour = f"C{i}"
        steps, loss = np.asarray(history.steps), np.asarray(history.loss, dtype=float)
        ax.plot(steps, loss, color=colour, alpha=0.25, linewidth=0.8)
        ax.plot(steps, _smooth(loss), color=colour, label=f"{name} training".strip())
        if history.validation:
            at, values = zip(*history.validation, strict=True)
            ax.plot(at, values, "o--", color=colour, markersize=4, label=f"{name} validation".strip())
    ax.set(xlabel="step", ylabel="loss", title=title)
    if log:
        ax.set_yscale("log")
    ax.legend()
    return fig


def _axis(ax: "Axes | None") -> "Axes":
    import matplotlib.pyplot as plt

    return plt.subplots()[1] if ax is None else ax


def _numpy(x: Array) -> np.ndarray:
    return x.detach().cpu().resolve_conj().numpy() if isinstance(x, Tensor) else np.asarray(x)


def _magnitude(x: Array, hop: int | None, n_fft: int) -> tuple[np.ndarray, int]:
    """Magnitude (bins, frames) and hop of a waveform, STFT or magnitude."""
    array = _numpy(x)
    if array.ndim == 1 and not np.iscomplexobj(array):
        hop = hop or max(n_fft // 4, 1)
        signal = torch.as_tensor(np.ascontiguousarray(array), dtype=torch.float32)
        if signal.numel() < 2:
            raise ValueError("spectrogram got an empty waveform.")
        window = torch.hann_window(n_fft)
        array = torch.stft(
            signal, n_fft, hop, window=window, pad_mode="constant", return_complex=True
        ).numpy()  # fmt: skip
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"spectrogram draws (n,) samples or (bins, frames), got shape {array.shape}.")
    if not np.isfinite(array).all():
        raise ValueError("the spectrogram holds nan or infinity.")
    if not np.iscomplexobj(array) and array.min() < 0:
        raise ValueError("negative magnitudes: pass the complex STFT or its magnitude, not decibels.")
    return np.abs(array).astype(np.float64), hop or max((array.shape[0] - 1) // 2, 1)


def _label_bins(ax: "Axes", frequencies: np.ndarray, bins: int) -> None:
    if frequencies.shape != (bins,):
        raise ValueError(f"frequencies has shape {frequencies.shape}; the picture has {bins} bins.")
    ticks = np.unique(np.linspace(0, bins - 1, min(bins, 6)).round().astype(int))
    ax.set_yticks(ticks, [f"{frequencies[t] / 1000:.2f}" for t in ticks])


def _smooth(values: np.ndarray) -> np.ndarray:
    """Running mean over about a fiftieth of the run, shortened at the start."""
    width = max(1, len(values) // 50)
    total = np.cumsum(np.concatenate([[0.0], values]))
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - width, 0)
    return (total[ends] - total[starts]) / (ends - starts)
