"""Is the generated speech recognisable? Trained on one half of the synthetic speakers, tested on the other half.

    python benchmarks/bench_formant_speech.py [--seeds 3] [--speakers 40] [--digits-only]

Prints how many words are named right: digits and the whole lexicon between synthetic speakers who share nothing but
the language, and, where the recordings are at hand, the way from generated digits to recorded ones and back, beside the
same recogniser trained on recordings. Each seed draws other speakers. Exits with 1 where the digits miss the goal of
95 %.

The recogniser is plain on purpose: 13 mel cepstra at 24 equally spaced times, their mean taken off, and a support
vector machine. The generator was tuned by spectrograms and by the score of three recorded speakers (jackson, lucas,
theo; every third take from 0), and its last choices (accents, spread of habits, coarticulation) by the score of all six
on takes 1, 6, 11, …. So the way to recordings is measured on people who are not quite strangers.
"""

import argparse
import statistics
from collections import Counter
from collections.abc import Sequence

import numpy as np
import scipy.fft
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from course_lib import data, signal
from course_lib.data import generate

SR, N_FFT, HOP = 8000, 256, 80
GOAL = 0.95
TUNED_ON = ("jackson", "lucas", "theo")
UNUSED_TAKES = range(1, 50, 3)


def features(x: np.ndarray, *, coefficients: int = 13, times: int = 24, floor_db: float = 45.0) -> np.ndarray:
    """Mel cepstra from the first to the last frame within 30 dB of the loudest: (coefficients · times,)."""
    energy = np.abs(signal.stft(x - x.mean(), N_FFT, HOP)) ** 2
    level = 10 * np.log10(energy.sum(axis=0) + 1e-12)
    on = np.flatnonzero(level > level.max() - 30)
    bands = 10 * np.log10(signal.mel_filterbank(32, N_FFT, SR).numpy() @ energy[:, on[0] : on[-1] + 1] + 1e-12)
    bands = np.maximum(bands - np.percentile(bands.max(axis=0), 95), -floor_db)
    cepstra = scipy.fft.dct(bands, axis=0, norm="ortho")[:coefficients]
    at = np.linspace(0, cepstra.shape[1] - 1, times)
    cepstra = np.stack([np.interp(at, np.arange(cepstra.shape[1]), row) for row in cepstra])
    return (cepstra - cepstra.mean(axis=1, keepdims=True)).ravel()


class Words:
    """Features, words and speakers of a list of spoken words."""

    def __init__(self, items: Sequence):
        self.x = np.stack([features(item.audio()) for item in items])
        self.word = np.array([item.word for item in items])
        self.speaker = np.array([item.speaker for item in items])

    def of(self, wanted: np.ndarray) -> "Words":
        """Some of them."""
        part = object.__new__(Words)
        part.x, part.word, part.speaker = self.x[wanted], self.word[wanted], self.speaker[wanted]
        return part


def recognise(train: Words, test: Words, confused: Counter | None = None) -> float:
    """Share of the test words that a recogniser of the training words names right; counts what it takes for what."""
    model = make_pipeline(StandardScaler(), SVC(C=10.0)).fit(train.x, train.word)
    said = model.predict(test.x)
    if confused is not None:
        confused.update((str(a), str(b)) for a, b in zip(test.word, said, strict=True) if a != b)
    return float(np.mean(said == test.word))


def halves(words: Words, confused: Counter) -> float:
    """Mean of both ways between the first and the second half of the speakers."""
    names = np.unique(words.speaker)
    first = np.isin(words.speaker, names[: len(names) // 2])
    one, two = words.of(first), words.of(~first)
    return (recognise(one, two, confused) + recognise(two, one, confused)) / 2


def row(train: str, test: str, scores: Sequence[float], confused: Counter | None = None) -> None:
    """One line of the table: mean, lowest and highest score, and what was taken for what most often."""
    spread = f"{min(scores):.1%} to {max(scores):.1%}" if len(scores) > 1 else ""
    pairs = ", ".join(f"{a}→{b} {n}" for (a, b), n in (confused or Counter()).most_common(5))
    print(f"| {train} | {test} | {statistics.mean(scores):.1%} | {spread} | {pairs} |", flush=True)


def between_synthetic_speakers(seeds: int, speakers: int, *, digits_only: bool) -> tuple[float, list[Words]]:
    """The two rows without recordings: the worst score on digits, and the digits of each seed."""
    sets, confused = [], Counter()
    for seed in range(seeds):
        sets.append(Words(generate.spoken_digits(speakers=speakers, takes=[0], seed=seed)))
    scores = [halves(digits, confused) for digits in sets]
    row(f"generated digits, {speakers // 2} voices", "the other half of the voices", scores, confused)
    if digits_only:
        return min(scores), sets
    all_words, confused = [], Counter()
    for seed in range(seeds):
        all_words.append(halves(Words(generate.spoken_words(speakers=speakers, takes=[0], seed=seed)), confused))
    row(f"{len(generate.PRONUNCIATIONS)} generated words, {speakers // 2} voices", "the other half of the voices",
        all_words, confused)
    return min(scores), sets


def to_recordings(generated: Sequence[Words], recorded: Words) -> None:
    """The rows with recordings: from generated digits to them, back, and among recordings."""
    tuned = np.isin(recorded.speaker, TUNED_ON)
    voices = len(np.unique(generated[0].speaker))
    parts = (("recorded digits", slice(None)), (f"… {', '.join(TUNED_ON)} (tuned on)", tuned),
             ("… the other three speakers", ~tuned))
    for name, part in parts:
        confused = Counter()
        scores = [recognise(words, recorded.of(part), confused) for words in generated]
        row(f"generated digits, {voices} voices", name, scores, confused)
    six, confused = Words(generate.spoken_digits()), Counter()
    row("generated digits, VOICES", "recorded digits", [recognise(six, recorded, confused)], confused)
    row("recorded digits", "generated digits, VOICES", [recognise(recorded, six)])
    row("recorded digits", f"generated digits, {voices} voices", [recognise(recorded, words) for words in generated])
    confused = Counter()
    left_out = [recognise(recorded.of(recorded.speaker != name), recorded.of(recorded.speaker == name), confused)
                for name in np.unique(recorded.speaker)]
    row("recorded digits, 5 speakers", "the sixth speaker", left_out, confused)
    three = [recognise(recorded.of(tuned), recorded.of(~tuned)), recognise(recorded.of(~tuned), recorded.of(tuned))]
    row("recorded digits, 3 speakers", "the other three", three)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--speakers", type=int, default=40, help="synthetic speakers per seed")
    parser.add_argument("--digits-only", action="store_true", help="leave out the lexicon: half a minute, not two")
    arguments = parser.parse_args()
    print("| trained on | tested on | right | lowest to highest | most often taken for another |")
    print("|---|---|---:|---|---|")
    worst, generated = between_synthetic_speakers(
        arguments.seeds, arguments.speakers, digits_only=arguments.digits_only)
    try:
        recorded = Words(data.spoken_digits(takes=UNUSED_TAKES))
    except data.DataError as error:
        print(f"no recordings, so no transfer: {error}")
    else:
        to_recordings(generated, recorded)
    if worst < GOAL:
        raise SystemExit(f"digits: {worst:.1%} is below the goal of {GOAL:.0%}")


if __name__ == "__main__":
    main()
