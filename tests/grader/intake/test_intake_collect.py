"""Folders and archives: whose file is it, which attempt counts, and what strangers put into archives."""

import io
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from intake_desk import COURSE, desk_of

from autograder.errors import CourseError
from autograder.intake import collect
from autograder.intake.who import owner, student_id

UNIT = "02_stft"


@pytest.fixture
def folder(tmp_path):
    """Writes files given as path=text and collects."""

    def make(files, *, times=None):
        for name, text in files.items():
            path = tmp_path / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            changed = (times or {}).get(name, 1_000_000)
            os.utime(path, (changed, changed))
        return collect(tmp_path / "in", UNIT, COURSE)

    return make


@pytest.fixture
def zipped(tmp_path):
    """Writes an archive and collects; entries are (ZipInfo or name, bytes)."""

    def make(entries):
        path = tmp_path / "class.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in entries:
                archive.writestr(name, data)
        return collect(path, UNIT, COURSE, unpack=tmp_path / "unpacked")

    return make


def texts(collected):
    return {item.student: item.data.decode() for item in collected.items}


def test_layouts_of_folders(folder):
    found = folder({"anna.ipynb": "a", "bert/02_stft.ipynb": "b", "carl/02_stft/02_stft.ipynb": "c",
                    "02_stft_dora.ipynb": "d", "emil-02_STFT.ipynb": "e", "carl/12_ctc/12_ctc.ipynb": "other",
                    "carl/02_stft/timestamp.txt": "2026-11-21 15:16:16.123456 UTC"})
    assert texts(found) == {"anna": "a", "bert": "b", "carl": "c", "dora": "d", "emil": "e"}
    assert found.skipped == []
    assert [i.received for i in found.items if i.student == "carl"] == ["2026-11-21T15:16:16.123456+00:00"]
    assert not any(item.faults for item in found.items)


def test_what_is_left_out_is_said(folder):
    found = folder({"02_stft.ipynb": "nobody", "fay-12_ctc.ipynb": "x", ".hidden.ipynb": "x",
                    "gus/.ipynb_checkpoints/02_stft-checkpoint.ipynb": "x", "gus/02_stft.ipynb": "g"})
    assert texts(found) == {"gus": "g"}
    assert [line.split(":")[0] for line in found.skipped] == ["02_stft.ipynb", "fay-12_ctc.ipynb"]


def test_a_student_whose_only_file_is_of_another_unit_does_not_vanish(folder, zipped):
    said = "12_ctc.ipynb was handed in, which is not 02_stft.ipynb."
    canvas = zipped([("daradoe_12345_67890_12_ctc.ipynb", "c"), ("wuli_333_679_02_stft.ipynb", "w")])
    moodle = zipped([("Dara Doe_12345_assignsubmission_file_/12_ctc.ipynb", "c")])
    for found in (canvas, moodle, folder({"12345/12_ctc.ipynb": "c"})):
        dara = found.items[0]
        assert (dara.student, dara.data, found.skipped) == ("12345", b"", [])
        assert dara.faults[0].endswith(said)
        assert desk_of(UNIT).read(b"", faults=dara.faults).refused.endswith(said)
    with_other_work = folder({"carl/12_ctc/12_ctc.ipynb": "c"})
    assert "carl" not in texts(with_other_work), "nbgrader keeps the units apart"


def test_the_latest_attempt_counts_and_it_is_said(folder):
    names = {"anna/02_stft.ipynb": "old", "anna/02_stft (1).ipynb": "new", "bert/02_stft.ipynb": "new",
             "bert/Copy of 02_stft.ipynb": "old", "bert/scratch.ipynb": "other"}
    found = folder(names, times={n: 3_000_000 if t == "new" else 2_000_000 for n, t in names.items()})
    assert texts(found) == {"anna": "new", "bert": "new"}
    assert all("Several notebooks" in item.faults[0] for item in found.items)


def test_a_student_without_a_notebook_is_a_fault_not_a_gap(folder):
    found = folder({"anna/02_stft.pdf": "%PDF", "bert/02_stft.ipynb": ""})
    assert [item.student for item in found.items] == ["anna", "bert"]
    assert "02_stft.pdf" in found.items[0].faults[0]
    assert "empty" in found.items[1].faults[0]


def test_links_pipes_and_unreadable_files(folder, tmp_path):
    secret = tmp_path / "secret.ipynb"
    secret.write_text("secret")
    inside = tmp_path / "in"
    for name in ("anna", "carl"):
        (inside / name).mkdir(parents=True)
    (inside / "anna" / "02_stft.ipynb").symlink_to(secret)
    (inside / "bert").symlink_to(tmp_path)
    os.mkfifo(inside / "carl" / "02_stft.ipynb")
    found = folder({"dora/02_stft.ipynb": "d"})
    assert texts(found) == {"anna": "", "bert": "", "carl": "", "dora": "d"}
    assert ["link" in "".join(i.faults) for i in found.items] == [True, True, False, False]
    assert "not a regular file" in found.items[2].faults[0]


def test_a_file_that_turns_into_a_link_after_it_was_listed(folder, tmp_path):
    found = folder({"anna/02_stft.ipynb": "a"})
    path = tmp_path / "in" / "anna" / "02_stft.ipynb"
    path.unlink()
    path.symlink_to(tmp_path / "class.zip")
    assert found.items[0].data == b""
    assert found.items[0].faults


def test_moodle(zipped):
    found = zipped([("Anna Meier_1234567_assignsubmission_file_/02_stft.ipynb", "a"),
                    ("Bob van der Berg_22_assignsubmission_file/02_stft (2).ipynb", "b"),
                    ("Zoë_Élise O'Neil_33_assignsubmission_file_02_stft.ipynb", "z"),
                    ("Zoë_Élise O'Neil_33_assignsubmission_onlinetext_/onlinetext.html", "<p>"),
                    ("Participant 44_44_assignsubmission_file_/work/02_stft.ipynb", "p")])
    assert texts(found) == {"1234567": "a", "22": "b", "33": "z", "44": "p"}
    assert [i.name for i in found.items] == ["Anna Meier", "Bob van der Berg", "Zoë_Élise O'Neil", "Participant 44"]
    assert not any(item.faults for item in found.items)


def test_canvas(zipped):
    found = zipped([("meieranna_12345_67890_02_stft.ipynb", "first"),
                    ("meieranna_12345_67891_02_stft-1.ipynb", "second"),
                    ("bergbob_LATE_222_678_02_stft-3.ipynb", "b"), ("wuli_333_679_my_work.ipynb", "w")])
    assert texts(found) == {"12345": "second", "222": "b", "333": "w"}
    assert "Several" in found.items[0].faults[0]
    assert "late" in found.items[1].faults[0]
    read = desk_of(UNIT).read(desk_of(UNIT).notebook(), faults=found.items[1].faults)
    assert (len(read.repairs), read.flags) == (1, ()), "no doubt about the work: the platform's own late policy counts"


def test_a_zipped_folder(zipped):
    found = zipped([("class/anna/02_stft.ipynb", "a"), ("class/bert/02_stft.ipynb", "b"),
                    ("__MACOSX/class/anna/._02_stft.ipynb", "mac")])
    assert texts(found) == {"anna": "a", "bert": "b"}


def inner_zip(entries):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return data.getvalue()


def test_a_student_hands_in_an_archive(zipped):
    work = inner_zip([("my work/02_stft.ipynb", "inside"), ("my work/readme.txt", "x"),
                      ("my work/w.safetensors", b"123")])
    deeper = inner_zip([("again.zip", work)])
    found = zipped([("Anna Meier_1_assignsubmission_file_/work.zip", work),
                    ("Bob_2_assignsubmission_file_/work.zip", deeper),
                    ("Cem_3_assignsubmission_file_/work.zip", b"PK\x03\x04 broken"),
                    ("Dan_4_assignsubmission_file_/02_stft.ipynb", "d")])
    assert texts(found) == {"1": "inside", "2": "", "3": "", "4": "d"}
    weights = found.items[0].attachments["w.safetensors"]
    assert weights.read_bytes() == b"123"
    assert "archive within an archive" in found.items[1].faults[0]
    assert "cannot be opened" in found.items[2].faults[0]


def test_names_that_point_out_of_the_archive(zipped, tmp_path):
    before = set(tmp_path.rglob("*"))
    link = zipfile.ZipInfo("eve/02_stft.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    found = zipped([("../../evil.ipynb", "x"), ("/etc/cron.d/mallory.ipynb", "x"), ("dan/../../02_stft.ipynb", "x"),
                    ("C:\\windows\\02_stft.ipynb", "x"), (link, "/etc/passwd"), ("anna/02_stft.ipynb", "a")])
    assert {s: t for s, t in texts(found).items() if t} == {"anna": "a"}
    for item in found.items:
        assert item.student == "anna" or item.faults
    assert set(tmp_path.rglob("*")) - before == {tmp_path / "class.zip"}


def test_bombs_are_bounded_and_the_others_are_collected(zipped, monkeypatch):
    monkeypatch.setattr("autograder.intake.items.MAX_BYTES", 4 << 20)
    zeros = b"\0" * (9 << 20)
    found = zipped([("anna/02_stft.ipynb", zeros), ("bert/02_stft.ipynb", "b"),
                    ("carl/02_stft.zip", inner_zip([("02_stft.ipynb", zeros)]))])
    assert texts(found) == {"anna": "", "bert": "b", "carl": ""}
    assert "larger than" in found.items[0].faults[0]
    assert "larger than" in found.items[2].faults[0]


def test_damaged_and_encrypted_entries(zipped, tmp_path):
    zipped([("anna/02_stft.ipynb", "a" * 5000), ("bert/02_stft.ipynb", "b"), ("carl/02_stft.ipynb", os.urandom(5000))])
    path = tmp_path / "class.zip"
    data = bytearray(path.read_bytes())
    data[60:64] = b"\xff\xff\xff\xff"  # in the compressed bytes of the first entry
    at = data.rfind(b"PK\x01\x02")
    data[at + 8] |= 1  # the last entry says that it is encrypted
    path.write_bytes(data)
    found = collect(path, UNIT, COURSE)
    assert texts(found) == {"anna": "", "bert": "b", "carl": ""}
    assert "damaged" in found.items[0].faults[0]
    assert "encrypted" in found.items[2].faults[0]


def test_an_endless_list_of_files_is_not_read(tmp_path):
    path = tmp_path / "long.zip"
    path.write_bytes(b"\0" * 100 + b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 9, 9, 300 << 20, 0, 0))
    with pytest.raises(CourseError, match="too many files"):
        collect(path, UNIT, COURSE)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18])
def test_sources_that_are_no_archive(tmp_path, content):
    path = tmp_path / "class.zip"
    path.write_bytes(content)
    if content.startswith(b"PK\x05"):
        assert not collect(path, UNIT, COURSE).items
        return
    with pytest.raises(CourseError, match="neither a folder nor a zip"):
        collect(path, UNIT, COURSE)


def test_no_source():
    with pytest.raises(CourseError, match="no submissions"):
        collect(Path("/nowhere"), UNIT, COURSE)


ODD_NAMES = ["", "..", "../../x", "a/b", "=cmd()", "-rf", "x" * 500, "\u202eanna", "a\0b", "é" * 90]


@pytest.mark.parametrize("text", ODD_NAMES)
def test_ids_are_harmless(text):
    made = student_id(text)
    assert 0 < len(made) <= 90
    assert made not in (".", "..")
    assert not set(made) & set("/\\\0=:*?\"<>|")
    assert made[0] not in "-+=@."


@pytest.mark.parametrize("text", ["anna", "anna.meier", "anna@x.org", "Anna Meier", "s123_4", "李雷"])
def test_ids_that_are_fine_stay(text):
    assert student_id(text) == text


def test_different_names_never_share_an_id():
    assert student_id("a/b") != student_id("a:b")


def test_canvas_is_not_seen_where_it_is_not():
    assert owner(("group_1_02_stft.ipynb",), UNIT).student == "group_1"
