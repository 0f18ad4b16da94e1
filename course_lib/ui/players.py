"""Labelled sound players for comparing by ear: equal loudness, so that the louder one does not win.

Each sound is a PCM16 wav inside the page, so the players work in a saved notebook and in exported HTML.
"""

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from course_lib.ui.display import escape, publish
from course_lib.ui.numbers import format_number

TARGET_DBFS = -23.0  # level after matching, RMS
CEILING = 10 ** (-0.1 / 20)  # highest peak, linear: 0.1 dB below full scale
SILENCE = 1 / 65_536  # half a step of PCM16: a wav of this peak is all zeros
PAUSE_OTHERS = "for(const a of document.getElementsByTagName('audio'))if(a!==this)a.pause()"
GRID = "display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,17rem),1fr));gap:.6rem;margin:.4rem 0"
CARD = "margin:0;padding:.5rem .7rem;border:1px solid rgba(128,128,128,.45);border-radius:.5rem"


@dataclass(frozen=True)
class Clip:
    """A sound ready to be played: samples (channels, n) float64, and the gain that was applied to it, in dB."""

    label: str
    samples: np.ndarray
    gain_db: float
    silent: bool


def player(sounds: Mapping[str, np.ndarray | Tensor], sr: int, *, level_match: bool = True) -> None:
    """Display one labelled player per sound, side by side; starting one pauses the others.

    Args:
        sounds: label to sound; each (n,) or (channels, n) with one or two channels, float in [-1, 1] or int16.
        sr: sample rate in Hz, the same for all.
        level_match: bring all to the same RMS level, -23 dBFS. Either way nothing clips: if one sound would, all are
            lowered together, so that their levels keep their ratio. The gain is written under each player.

    Raises:
        ValueError: no sound, an empty one, nan or infinity, a wrong shape or sample rate.

    Used from unit 00_start on.
    """
    words = ", ".join(f"{label}" for label in sounds)
    publish(player_html(sounds, sr, level_match=level_match), text=f"[sound players: {words}]")


def player_html(sounds: Mapping[str, np.ndarray | Tensor], sr: int, *, level_match: bool = True) -> str:
    """The players as HTML; arguments and errors as in `player`."""
    if not isinstance(sounds, Mapping):
        raise ValueError('player takes {"label": sound, ...}: give each sound a name.')
    if not sounds:
        raise ValueError("player needs at least one sound.")
    if isinstance(sr, bool) or int(sr) != sr or not 1000 <= sr <= 384_000:
        raise ValueError(f"sr={sr} is no sample rate that a browser plays: use whole Hz from 1000 to 384000.")
    figures = [_figure(clip, int(sr)) for clip in level(sounds, match=level_match)]
    return f'<div style="{GRID}">{"".join(figures)}</div>'


def level(sounds: Mapping[str, np.ndarray | Tensor], *, match: bool) -> list[Clip]:
    """Apply the gains: equal RMS if `match`, then one common gain below 1 if any peak would pass the ceiling.

    Silence stays silence: a sound that PCM16 cannot hold is not raised.
    """
    arrays = {label: samples_of(x, label) for label, x in sounds.items()}
    silent = {label: bool(np.abs(x).max() < SILENCE) for label, x in arrays.items()}
    gains = dict.fromkeys(arrays, 1.0)
    if match:
        for label, x in arrays.items():
            if not silent[label]:
                gains[label] = 10 ** (TARGET_DBFS / 20) / float(np.sqrt(np.mean(x**2)))
    peak = max(float(np.abs(x).max()) * gains[label] for label, x in arrays.items())
    common = min(1.0, CEILING / peak) if peak > 0 else 1.0
    clips = []
    for label, x in arrays.items():
        gain = 1.0 if silent[label] else gains[label] * common
        clips.append(Clip(str(label), x * gain, 20 * np.log10(gain), silent[label]))
    return clips


def samples_of(x: np.ndarray | Tensor, label: str) -> np.ndarray:
    """A sound as (channels, n) float64 with one or two channels.

    Raises:
        ValueError: see `player`.
    """
    array = x.detach().cpu().float().numpy() if isinstance(x, Tensor) and not x.is_complex() else np.asarray(x)
    if array.dtype == np.int16:
        array = array / 32_768
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{label!r} is {array.dtype}: a sound is an array of real numbers.")
    if array.ndim == 1:
        array = array[None]
    if array.ndim != 2 or (array.shape[0] > 2 and array.size):
        raise ValueError(f"{label!r} has shape {array.shape}: a sound is (n,) or (channels, n), one or two channels.")
    if array.size == 0:
        raise ValueError(f"{label!r} is empty: there is nothing to play.")
    if not np.isfinite(array).all():
        bad = int((~np.isfinite(array)).sum())
        raise ValueError(f"{label!r} holds {bad} nan or infinite samples: find where they come from before listening.")
    return array.astype(np.float64)


def wav_bytes(samples: np.ndarray, sr: int) -> bytes:
    """A PCM16 wav file of (channels, n) samples in [-1, 1]."""
    import soundfile

    buffer = io.BytesIO()
    pcm = np.round(np.clip(samples.T, -1, 1) * 32_767).astype(np.int16)
    soundfile.write(buffer, pcm, sr, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def _figure(clip: Clip, sr: int) -> str:
    seconds = clip.samples.shape[1] / sr
    sign = "+" if clip.gain_db > 0.05 else ""
    note = "silence" if clip.silent else f"gain {sign}{format_number(clip.gain_db, decimals=1)} dB"
    duration = f"{format_number(seconds, decimals=2)} s"
    source = base64.b64encode(wav_bytes(clip.samples, sr)).decode("ascii")
    label = escape(clip.label)
    return (
        f'<figure style="{CARD}"><figcaption style="margin-bottom:.3rem"><strong>{label}</strong>'
        f'<br><small style="opacity:.75">{duration} · {note}</small></figcaption>'
        f'<audio controls preload="metadata" aria-label="{label}, {duration}" style="width:100%;min-width:0" '
        f'onplay="{PAUSE_OTHERS}" src="data:audio/wav;base64,{source}"></audio></figure>'
    )
