"""Hostile text on a page: nothing runs, nothing hides, nothing floods."""

import time
import unicodedata

import pytest
from hypothesis import given as each
from hypothesis import strategies as st
from markupsafe import Markup

from autograder.pages.render import _environment, duration, points, size
from autograder.pages.text import clip, inline_code, plain, without_paths


@pytest.mark.parametrize(("text", "shown"), [
    ("\x1b[31mred\x1b[0m", "red"),
    ("\x1b]8;;https://evil.example\x07click\x1b]8;;\x07", "click"),
    ("\x1b]0;title\x1b\\after", "after"),
    ("\x9b31mred", "red"),
    ("\x1b(Bplain\x1bc", "plain"),
    ("a\x00b\x08c", "a�b�c"),
    ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
    ("pay \u202e05\u202c now", "pay �05� now"),
    ("\u2066isolate\u2069", "�isolate�"),
    ("zero\u200bwidth", "zero�width"),
    ("half \ud83d of a pair", "half � of a pair"),
    ("tag\U000e0041s", "tag�s"),
    ("فاطمة and 你好 and 👩‍🔬", "فاطمة and 你好 and 👩‍🔬"),
    ("keeps\ttabs\nand lines", "keeps\ttabs\nand lines"),
    ("e\u0301", "\u00e9"),
])
def test_plain_shows_what_is_there(text, shown):
    assert plain(text) == shown


def test_piled_up_accents_are_cut():
    piled = "Z" + "\u0351\u0343\u0346" * 200
    shown = plain(piled)
    assert len(shown) <= 5
    assert plain("Nováková né̂") == unicodedata.normalize("NFC", "Nováková né̂")


@each(st.text(st.characters(), max_size=200))
def test_plain_is_idempotent_and_printable(text):
    once = plain(text)
    assert plain(once) == once
    assert not [c for c in once if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
    once.encode()


def test_two_hundred_megabytes_are_clipped_quickly():
    flood = "x" * 200_000_000
    started = time.monotonic()
    shown = clip(flood, 1000)
    assert time.monotonic() - started < 0.5
    assert len(shown) < 1100
    assert f"{len(flood) - 1000} characters left out" in shown


def test_a_million_lines_are_clipped():
    shown = clip("line\n" * 1_000_000, 100_000_000, lines=20)
    assert shown.count("\n") <= 21
    assert "lines left out" in shown


def test_short_text_is_left_alone():
    assert clip("one\ntwo", 100) == "one\ntwo"
    assert clip("", 100) == ""


def test_code_between_backticks_is_escaped():
    shown = inline_code("see `<b>` & `x`, not `a\nb`")
    assert isinstance(shown, Markup)
    assert shown == "see <code>&lt;b&gt;</code> &amp; <code>x</code>, not `a\nb`"


@pytest.mark.parametrize(("text", "shown"), [
    ("in /home/teacher/course/solutions/02_stft.py line 3", "in …/02_stft.py line 3"),
    ("/tmp/x/y", "…/y"),
    ("~/secret.txt is gone", "…/secret.txt is gone"),
    (r"C:\Users\teacher\course\x.py", "…/x.py"),
    ("'/etc/passwd'", "'…/passwd'"),
    ("a ratio of 3/4, x / y / z, and/or, m/s/s", "a ratio of 3/4, x / y / z, and/or, m/s/s"),
])
def test_paths_keep_their_last_name_only(text, shown):
    assert without_paths(text) == shown


def test_words_for_numbers():
    assert [points(v) for v in (None, 2.0, 1 / 3, 0)] == ["–", "2", "0.33", "0"]
    assert [size(v) for v in (12, 214_000_000, 5e9)] == ["12 bytes", "214 MB", "5.0 GB"]
    assert [duration(v) for v in (4.2, 45, 600, 7500, 7200, 90_000, 180_000)] == [
        "4.2 s", "45 s", "10 min", "2 h 5 min", "2 h", "1 day 1 h", "2 days 2 h"]


def test_whatever_a_template_prints_is_cleaned_and_escaped():
    page = _environment("autograder.feedback").from_string("{{ text }}").render(text="<b>\x1b[31m\u202ea\x00</b>")
    assert page == "&lt;b&gt;�a�&lt;/b&gt;"
