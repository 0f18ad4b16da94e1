"""Deep Speech in small with each speaker held out in turn: CER and WER, resumable, one JSON file.

    python benchmarks/bench_deep_speech.py --speakers all --seeds 3
    python benchmarks/bench_deep_speech.py --speakers all --seeds 3 --recipe plain
    python benchmarks/bench_deep_speech.py --speakers theo nicolas --seeds 1 --steps 600 --recipe all

One run trains on five speakers and tests on strings of the sixth. Every finished run is written at once to
solutions/13_deep_speech/speakers.json; a run that is there already, with the same settings, is not repeated, so after
Ctrl-C the same command goes on. Unit 13_deep_speech shows the file.
"""

import argparse
import json
import os
import shlex
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import torch

from course_lib import data, device, metrics, models, train
from course_lib.data.digit_strings import DigitSpeech, digit_habits, digit_text
from course_lib.data.letters import LETTER_CLASSES, spelled, to_text
from course_lib.models.speech_batches import SpokenDigitBatches, letter_loss, letter_posteriors

OUT = Path(__file__).resolve().parents[1] / "solutions" / "13_deep_speech" / "speakers.json"
SPEED, STRETCH = (0.84, 1.18), (0.85, 1.18)
MASKS = {"freq_masks": 1, "freq_width": 6, "time_masks": 1, "time_width": 10}
RECIPES = {
    "plain": {"speech": {}, "batches": {}},
    "voices": {"speech": {"speed": SPEED}, "batches": {"stretch": STRETCH}},
    "all": {"speech": {"speed": SPEED, "snr_db": (10.0, 35.0)}, "batches": {"stretch": STRETCH, "masks": MASKS}},
}
"""What is varied in training: nothing; speed and frequency axis, as if others spoke; these, more noise, and masks."""

RECIPES_IN_TURN = {**{name: (name,) for name in RECIPES}, "half": ("plain", "voices")}
"""Recipes of which each batch takes the next."""

STRETCHES = (0.9, 1.0, 1.1)
BEAM = 16
SEARCHES = {"beam + lexicon": 0.0, "beam + LM": 0.5}
"""Exponent of the bigram over words; without it only the spelling of the words counts."""

SIZES = {
    "laptop": {"steps": 2000, "batch": 16, "channels": [8, 16], "width": 96, "layers": 1},
    "full": {"steps": 8000, "batch": 32, "channels": [16, 32], "width": 192, "layers": 2},
}


def main() -> None:
    """Run what is not in the file yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speakers", nargs="+", default=["all"], choices=["all", *data.SPEAKERS])
    parser.add_argument("--seeds", type=int, default=3, help="0 … seeds - 1 are run")
    parser.add_argument("--size", choices=SIZES, default="laptop", help="of network and training")
    parser.add_argument("--recipe", choices=RECIPES_IN_TURN, default="half", help="what is varied in training")
    parser.add_argument("--steps", type=int, help="other than those of the size")
    parser.add_argument("--strings", type=int, default=200, help="test strings of each speaker")
    parser.add_argument("--threads", type=int, help="of torch")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    setting = {**SIZES[args.size], "strings": args.strings, "recipe": args.recipe}
    if args.steps:
        setting["steps"] = args.steps
    speakers = data.SPEAKERS if "all" in args.speakers else args.speakers
    for seed in range(args.seeds):
        for speaker in speakers:
            if any((r["speaker"], r["seed"], r["setting"]) == (speaker, seed, setting) for r in read(args.out)):
                print(f"{speaker}, seed {seed}: there already")
                continue
            record = run(speaker, seed, setting)
            if record is None:
                sys.exit("interrupted: run the same command again to go on")
            write(args.out, [*read(args.out), record])           # another process may have written meanwhile
            print(f"{speaker}, seed {seed}: greedy CER {record['greedy']['CER (%)']:.1f} %, "
                  f"WER {record['greedy']['WER (%)']:.1f} %; beam CER {record['beam + LM']['CER (%)']:.1f} %, "
                  f"WER {record['beam + LM']['WER (%)']:.1f} %; {record['seconds']:.0f} s", flush=True)


def run(speaker: str, seed: int, setting: dict) -> dict | None:
    """Train without `speaker`, test on strings of this speaker; None if Ctrl-C came."""
    started, cpu = time.perf_counter(), time.process_time()
    rest = data.spoken_digits(speakers=[s for s in data.SPEAKERS if s != speaker], takes=range(5, 50))
    model, history = train_one(rest, seed, setting)
    if history.interrupted:
        return None
    habits = digit_habits()
    test = DigitSpeech(data.spoken_digits(speakers=[speaker])).draw(
        setting["strings"], np.random.default_rng(103), transitions=habits
    )
    text = digit_text(5000, np.random.default_rng(100), transitions=habits)
    bigram = models.SpelledBigram(data.WORDS, [[data.WORDS[d] for d in string] for string in text])
    said = [spelled(string.digits) for string in test]
    sounds = [string.audio for string in test]
    once, thrice = (letter_posteriors(model.cpu(), sounds, stretches=s) for s in ((1.0,), STRETCHES))
    written = {
        "greedy": [to_text(models.best_path(y)) for y in once],
        "greedy, three stretches": [to_text(models.best_path(y)) for y in thrice],
        **{name: [first_text(models.spelled_beam_search(y, bigram, weight=weight, beam=BEAM)) for y in once]
           for name, weight in SEARCHES.items()},
    }
    return {
        "speaker": speaker, "seed": seed, "setting": setting, "date": date.today().isoformat(),
        "command": shlex.join(["python", *sys.argv]),
        "device": device.report().name, "threads": torch.get_num_threads(),
        **{name: scores(said, heard) for name, heard in written.items()},
        "said": said, "heard": written["greedy"], "loss": round(float(np.mean(history.loss[-50:])), 3),
        "seconds": round(time.perf_counter() - started, 1), "cpu_seconds": round(time.process_time() - cpu, 1),
    }


def train_one(takes: list, seed: int, setting: dict) -> tuple[models.DeepSpeech, train.History]:
    """A network that heard strings of these recordings, made by the recipe of the setting; AdamW, a cosine."""
    torch.manual_seed(seed)
    steps = setting["steps"]
    shape = {key: setting[key] for key in ("channels", "width", "layers")}
    model = models.DeepSpeech(LETTER_CLASSES, **shape)
    turns = [
        SpokenDigitBatches(DigitSpeech(takes, **RECIPES[name]["speech"]), size=setting["batch"], steps=steps, seed=seed,
                           **RECIPES[name]["batches"])
        for name in RECIPES_IN_TURN[setting["recipe"]]
    ]
    history = train.fit(
        model, lambda step: turns[step % len(turns)](step), letter_loss, steps=steps, seed=seed,
        description=f"seed {seed}",
        optimizer=torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-2),
        schedule=train.warmup_cosine(steps, warmup=steps // 12),
    )
    return model, history


def first_text(found: list) -> str:
    """The best text of a search, or nothing if it found none."""
    return found[0].label if found else ""


def scores(said: list[str], heard: list[str]) -> dict:
    """CER over letters and WER over words, with intervals, and the kinds of word errors."""
    words, found = [s.split() for s in said], [h.split() for h in heard]
    letters, tokens = metrics.error_rate(said, heard), metrics.error_rate(words, found)
    return {
        "CER (%)": round(100 * letters.rate, 2), "WER (%)": round(100 * tokens.rate, 2),
        "CER interval": [round(100 * v, 2) for v in metrics.error_interval(said, heard)],
        "WER interval": [round(100 * v, 2) for v in metrics.error_interval(words, found)],
        "word substitutions": tokens.substitutions, "word deletions": tokens.deletions,
        "word insertions": tokens.insertions, "words": tokens.length,
    }


def read(path: Path) -> list[dict]:
    """The runs that are in the file."""
    return json.loads(path.read_text(encoding="utf-8"))["runs"] if path.exists() else []


def write(path: Path, records: list[dict]) -> None:
    """Replace the file at once or not at all."""
    text = json.dumps({"runs": records}, indent=1, ensure_ascii=False)
    temporary = path.with_suffix(".tmp")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary.write_text(text + "\n", encoding="utf-8")
    os.replace(temporary, path)


if __name__ == "__main__":
    main()
