"""The chain grows line by line, survives a kill at every byte, and takes nothing on top of a changed line."""

import json
import os

import pytest
from made_records import KEY

from autograder.errors import CourseError
from autograder.evidence.chain import Chain, head_file, read_chain


@pytest.fixture
def file(tmp_path):
    return tmp_path / "evidence" / "02_stft.jsonl"


def filled(file, count=3):
    chain = Chain(file, KEY)
    for number in range(count):
        chain.append({"student": f"s{number}", "text": "ü\ud800"})
    return chain


def test_what_was_appended_is_read_back(file):
    filled(file).append({"student": "s1", "text": "newer"})
    chain = Chain(file, KEY)
    assert len(chain) == 4
    assert list(chain.latest()) == ["s0", "s1", "s2"]
    assert chain.latest()["s1"]["text"] == "newer"
    assert chain.latest()["s0"]["text"] == "ü\ud800"
    assert read_chain(file, KEY).sound


def test_an_empty_chain_is_sound(file):
    assert read_chain(file, KEY).sound
    assert len(Chain(file, KEY)) == 0


def test_cut_at_every_byte_after_the_counted_lines_it_goes_on(file):
    """A kill leaves any number of bytes of the last line, and a head that does not count it yet."""
    filled(file, 2)
    head, before = head_file(file).read_bytes(), file.read_bytes()
    filled_file = Chain(file, KEY)
    filled_file.append({"student": "s2"})
    whole = file.read_bytes()
    for size in range(len(before), len(whole) + 1):
        file.write_bytes(whole[:size])
        head_file(file).write_bytes(head)
        chain = Chain(file, KEY)
        assert len(chain) == (3 if size == len(whole) else 2)
        chain.append({"student": "after"})
        assert read_chain(file, KEY).sound
        assert read_chain(file, KEY).counted == len(chain)


@pytest.mark.parametrize("harm", [
    lambda lines: [lines[0], lines[1].replace(b"s1", b"s9"), lines[2]],
    lambda lines: [lines[0], lines[2]],
    lambda lines: [lines[1], lines[0], lines[2]],
    lambda lines: lines[:2],
    lambda lines: [],
    lambda lines: [*lines, lines[2]],
    lambda lines: [lines[0], b"{}", lines[2]],
    lambda lines: [lines[0], b"\xff[" * 5000, lines[2]],
    lambda lines: [lines[0], lines[1].replace(b":", b": ", 1), lines[2]],
    lambda lines: [lines[0], lines[1].replace(b'"number":2', b'"number":2.0'), lines[2]],
    lambda lines: [lines[0], lines[1].replace(b'{"mac"', b'{"mac":"00","mac"'), lines[2]],
])
def test_nothing_is_added_to_a_changed_chain(file, harm):
    filled(file)
    lines = file.read_bytes().splitlines()
    file.write_bytes(b"".join(line + b"\n" for line in harm(lines)))
    with pytest.raises(CourseError, match="verify-grades"):
        Chain(file, KEY)


def test_another_key_or_a_forged_head_is_seen(file):
    filled(file)
    assert not read_chain(file, b"another").sound
    head_file(file).write_text(json.dumps({"count": 1, "mac": "0" * 64}))
    assert read_chain(file, KEY).counted is None
    head_file(file).write_text("[" * 100_000)
    assert not read_chain(file, KEY).sound


def test_a_head_of_another_unit_does_not_fit(file):
    filled(file, 1)
    other = file.with_name("12_ctc.jsonl")
    filled(other, 3)
    head_file(other).write_bytes(head_file(file).read_bytes())
    assert read_chain(other, KEY).counted is None


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_a_clear_error(file):
    filled(file)
    chain = Chain(file, KEY)
    file.chmod(0o400)
    with pytest.raises(CourseError, match="cannot be written"):
        chain.append({"student": "x"})
