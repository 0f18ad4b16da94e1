"""Similarity: what survives disguise, what is discounted, what cannot break it, how long it takes."""

import json
import random
import re
import time

import pytest
from graded_class import UNIT, named_answers, record, renamed, small_class, without_marks, write_records

from autograder.cli import main
from autograder.similarity.compare import Answers, compare
from autograder.similarity.pairs import groups, pairs, side_by_side, spanning
from autograder.similarity.pieces import MOST_CHARACTERS, code_pieces, prose_pieces
from autograder.stock import solved_answers

SOURCE = '''
import numpy as np

def overlap(signal, hop, n_fft):
    """Frames of a signal."""
    count = 1 + (len(signal) - n_fft) // hop
    frames = np.zeros((count, n_fft))
    for i in range(count):
        start = i * hop + 0  # where it begins
        if start > 3 and hop:
            frames[i] = signal[start:start + n_fft] * np.hanning(n_fft)
        frames[i] += np.mean(signal, axis=-1, keepdims=True)
    return frames + frames.max() + 1
'''
DISGUISES = {
    "other names": lambda s: re.sub(r"\bframes\b", "stuecke", re.sub(r"\bhop\b", "schritt", s)),
    "other constants": lambda s: s.replace("> 3", "> 17").replace("+ 1\n", "+ 2.5\n"),
    "no docstring, no comment": lambda s: re.sub('    """.*"""\n|#.*', "", s),
    "annotations": lambda s: s.replace("(signal, hop, n_fft)", "(signal: list, hop: int, n_fft: int = 3) -> list")
                              .replace("count = 1", "count: int = 1"),
    "other alias": lambda s: s.replace("import numpy as np", "import numpy as zahl").replace("np.", "zahl."),
    "import from": lambda s: "from numpy import hanning" + s.replace("np.hanning", "hanning"),
    "operands swapped": lambda s: s.replace("i * hop + 0", "0 + hop * i")
                                  .replace("start > 3 and hop", "hop and 3 < start"),
    "sum bracketed": lambda s: s.replace("frames + frames.max() + 1", "1 + (frames.max() + frames)"),
    "longhand": lambda s: s.replace("frames[i] += np.mean", "frames[i] = frames[i] + np.mean"),
    "keywords swapped": lambda s: s.replace("axis=-1, keepdims=True", "keepdims=True, axis=-1"),
    "blanks": lambda s: s.replace("\n", "\r\n").replace("    ", "  "),
    "magic on top": lambda s: "%matplotlib inline\n!pip install x\n" + s,
}


def marks(source):
    return {piece.mark for piece in code_pieces(source)}


@pytest.mark.parametrize("how", DISGUISES)
def test_a_disguise_changes_nothing(how):
    disguised = DISGUISES[how](SOURCE)
    assert disguised != SOURCE
    assert marks(SOURCE) == marks(disguised)
    assert len(marks(SOURCE)) > 12


@pytest.mark.parametrize(("before", "after"), [
    ("np.hanning", "np.hamming"), ("// hop", "/ hop"), ("len(signal) - n_fft", "n_fft - len(signal)"),
    ("axis=-1", "dtype=-1"), ("range(count)", "range(count, hop)"),
])
def test_another_method_is_another_shape(before, after):
    assert marks(SOURCE) != marks(SOURCE.replace(before, after))


def test_pieces_survive_a_move():
    moved = SOURCE.replace("    return frames", "    print(frames.shape)\n    return frames")
    moved = moved.replace("if start", "while start")
    share = len(marks(SOURCE) & marks(moved)) / len(marks(SOURCE))
    assert share > 0.6


@pytest.mark.parametrize("source", [
    "def f(:\n  pass", "x = 1\x00", "(" * 5000, "-" * 50_000 + "1", "a" + ".b" * 20_000, "1" + "+1" * 20_000,
    "[" * 150 + "]" * 150, "x = '\ud800'", "é = 'a\u2028b'", "\f\n\x0c", "", "lambda: " * 900 + "1", "if 1:\n" * 99,
    "f(**a, *b, c=1)", "match x:\n case {'a': 1, **r}: y = 1", "async def f():\n async for x in y: await z", "'\\d'",
    "9" * 10_000, "f'{x!r:>{w}}'", "x" * 10 * MOST_CHARACTERS,
])
def test_no_source_breaks_it(source, recwarn):
    lines = len(re.split("\r\n|\r|\n", source))
    for piece in code_pieces(source) + prose_pieces(source):
        assert 1 <= piece.first <= piece.last <= lines
    # Another test's forgotten socket may be collected while this one runs: that is a ResourceWarning and not ours.
    assert not [w for w in recwarn.list if not issubclass(w.category, ResourceWarning)]


def test_source_is_never_run(tmp_path):
    target = tmp_path / "ran"
    code_pieces(f"__import__('pathlib').Path({str(target)!r}).touch()\nassert False")
    assert not target.exists()


def test_broken_copies_are_still_found():
    broken = SOURCE.replace("return", "return return")
    assert marks(broken)
    assert marks(broken) == marks(broken + "\n")


def test_words_of_an_answer():
    text = "The window is as long as the slowest beat that you want to see."
    assert {p.mark for p in prose_pieces(text)} == {p.mark for p in prose_pieces(text.upper().replace(" ", "\n"))}
    assert not prose_pieces("too short")


def answers_of(given, grade_id, sources, **options):
    solution, stub = (solved_answers(book)[grade_id] for book in (given.solved, given.release))
    return Answers(grade_id, sources, without_marks(solution), stub, **options)


def test_right_answers_written_alone_are_not_alike(given):
    for exercise in given.coded:
        sources = {n: s for n, s in named_answers(UNIT, exercise.grade_id).items() if n.startswith("right")}
        similarity, _ = answers_of(given, exercise.grade_id, sources).tables()
        assert (similarity - 2 * (similarity >= 0.9999)).max() < 0.3, exercise.grade_id


def test_a_renamed_copy_is_found(given):
    sources = named_answers(UNIT, "istft")
    sources = {n: s for n, s in sources.items() if n.startswith("right")} | {"copy": renamed(sources["right_numpy"])}
    found = [m for m in compare(answers_of(given, "istft", sources)) if m.second]
    assert [(m.first, m.second) for m in found] == [("copy", "right_numpy")]
    assert found[0].similarity == 1
    assert not found[0].same_text
    assert found[0].sharing == 2


def test_what_the_class_shares_is_discounted(given):
    """The same answer of 40 in 60 is no evidence; of 2 in 60 it is."""
    named = named_answers(UNIT, "istft")
    crowd = {f"crowd{i}": named["right_numpy"] for i in range(40)}
    two = {f"two{i}": named["right_fold"] for i in range(2)}
    loners = {f"alone{i}": named[name] for i, name in enumerate(sorted(named)) if name.startswith("wrong")}
    answers = answers_of(given, "istft", crowd | two | loners)
    found = [m for m in compare(answers) if m.second]
    assert ("two0", "two1") in {(m.first, m.second) for m in found}
    assert not [m for m in found if m.first.startswith("crowd") and m.second.startswith("crowd")]


def test_short_answers_are_not_listed(given):
    methods = ["abs", "abs", "log", "exp", "cos", "sin", "tan"]
    sources = {f"s{i}": f"def decibels(X):\n    return X.{method}()" for i, method in enumerate(methods)}
    assert pairs(compare(answers_of(given, "decibels", sources))) == []


def test_the_stub_counts_for_nobody(given):
    for exercise in given.exercises:
        stub = solved_answers(given.release)[exercise.grade_id]
        answers = answers_of(given, exercise.grade_id, {"a": stub, "b": stub, "c": ""}, prose=exercise.manual)
        assert answers.students == []
        assert compare(answers) == []


def test_the_public_solution_is_named(given):
    named = named_answers(UNIT, "istft")
    solution = without_marks(solved_answers(given.solved)["istft"])
    others = {n: s for n, s in named.items() if n.startswith("right")}
    found = [m for m in compare(answers_of(given, "istft", others | {"taken": renamed(solution)})) if m.second is None]
    assert [m.first for m in found] == ["taken"]


def test_groups_and_side_by_side(given):
    named = named_answers(UNIT, "istft")
    names = [n for n in named if n.startswith("right")]
    sources = {n: named[n] for n in names} | {f"copy{i}": renamed(named["right_numpy"]) for i in range(3)}
    sources |= {f"alone{i}": named[n] for i, n in enumerate(named) if n.startswith("wrong")}
    answers = answers_of(given, "istft", sources)
    found = [pair for pair in pairs(compare(answers)) if pair.second]
    assert groups(found)[0] == ["copy0", "copy1", "copy2", "right_numpy"]
    assert len(spanning(pair for pair in found if {pair.first, pair.second} <= set(groups(found)[0]))) == 3
    pair = next(pair for pair in found if (pair.first, pair.second) == ("copy0", "right_numpy"))
    left, right = side_by_side(answers, pair.matches[0])
    assert "my own work" in left[0].text
    assert not left[0].shared
    assert next(line.text for line in right if line.shared).startswith("def istft")
    assert right[-1].shared


def test_three_hundred_students_take_seconds(given):
    rng = random.Random(1)
    named = [list(named_answers(UNIT, e.grade_id).values()) for e in given.coded]
    started = time.process_time()
    for exercise, sources in zip(given.coded, named, strict=True):
        class_ = {f"s{i:03d}": rng.choice(sources) + f"\ndef own_{i}():\n    return [{i}] * helper_{i % 7}.call(1)"
                  for i in range(300)}
        compare(answers_of(given, exercise.grade_id, class_))
    assert time.process_time() - started < 20


def test_command(course, given, monkeypatch, capsys):
    monkeypatch.chdir(course.root)
    write_records(course, small_class(given))
    with pytest.raises(SystemExit) as stopped:
        main(["similarity", "02"])
    assert stopped.value.code == 0
    assert "12 submissions compared" in capsys.readouterr().out
    page = (course.root / "build" / "similarity" / "02_stft.html").read_text()
    data = json.loads((course.root / "build" / "similarity" / "02_stft.json").read_text())
    assert "A hint, never a verdict." in page
    assert "Gustav Lindqvist" in page
    assert {"s1047", "s1049"} in [{p["first"], p["second"]} for p in data["pairs"]]
    assert {"s1041", "s1045"} in [{p["first"], p["second"]} for p in data["pairs"]]
    assert ("s1046", None) in [(p["first"], p["second"]) for p in data["pairs"]]
    assert "5eed" not in page


def test_a_hostile_class_gives_a_harmless_page(course, given, monkeypatch):
    monkeypatch.chdir(course.root)
    evil = "</pre><script>alert(1)</script>\u202e\x1b[31m\ud800 <img src=x onerror=alert(1)>\n" * 200
    answers = {e.grade_id: evil + ("x" * 400_000) for e in given.exercises}
    write_records(course, [record(given, f"<b>{i}</b>", evil, answers=answers) for i in range(4)] + small_class(given))
    with pytest.raises(SystemExit):
        main(["similarity", "02"])
    page = (course.root / "build" / "similarity" / "02_stft.html").read_text()
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>" not in page
    assert not {"\u202e", "\x1b"} & set(page)
    assert "&lt;script&gt;" in page
    assert len(page) < 3_000_000
