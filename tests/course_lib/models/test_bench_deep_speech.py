"""The command that holds out each speaker: it resumes, writes after each run, and its scores are CER and WER."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[3] / "benchmarks" / "bench_deep_speech.py"


@pytest.fixture
def bench(monkeypatch):
    if not FILE.exists():
        pytest.skip("the benchmarks are not part of an installed package")
    spec = importlib.util.spec_from_file_location("bench_deep_speech", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def start(bench, monkeypatch, out, *more):
    monkeypatch.setattr(sys, "argv", ["bench", "--seeds", "2", "--out", str(out), *more])
    bench.main()


def test_it_goes_on_where_it_stopped(bench, monkeypatch, tmp_path):
    out, done = tmp_path / "sub" / "speakers.json", []

    def run(speaker, seed, setting):
        if len(done) == 2:
            return None                                       # Ctrl-C in the third run
        done.append((speaker, seed))
        score = {"CER (%)": 1.0, "WER (%)": 2.0}
        return {"speaker": speaker, "seed": seed, "setting": setting, "seconds": 1.0, "greedy": score,
                "beam + LM": score}

    monkeypatch.setattr(bench, "run", run)
    with pytest.raises(SystemExit, match="go on"):
        start(bench, monkeypatch, out, "--speakers", "theo", "lucas")
    assert [(r["speaker"], r["seed"]) for r in json.loads(out.read_text())["runs"]] == [("theo", 0), ("lucas", 0)]
    done.clear()
    start(bench, monkeypatch, out, "--speakers", "theo", "lucas")
    assert done == [("theo", 1), ("lucas", 1)]
    assert len(json.loads(out.read_text())["runs"]) == 4
    done.clear()
    start(bench, monkeypatch, out, "--speakers", "theo", "--steps", "7")
    assert done == [("theo", 0), ("theo", 1)]                 # other settings are other runs


def test_scores_are_letters_and_words_with_intervals(bench):
    found = bench.scores(["one two", "six"], ["one two", "sic"])
    assert found["CER (%)"] == 10.0
    assert found["WER (%)"] == pytest.approx(33.33)
    assert found["CER interval"][0] <= 10.0 <= found["CER interval"][1]
    kinds = [found[f"word {kind}"] for kind in ("substitutions", "deletions", "insertions")]
    assert (*kinds, found["words"]) == (1, 0, 0, 3)
