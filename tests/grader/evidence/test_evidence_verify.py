"""Every kind of change is found, and named: who, which record, which score."""

import json

import pytest
from made_records import KEY, make_graded

from autograder.evidence.chain import Chain, chain_file, head_file
from autograder.evidence.results import Results, results_folder
from autograder.evidence.verify import verify

UNIT = "02_stft"
STUDENTS = ("anna", "bert", "cleo", "dora")


@pytest.fixture
def build(tmp_path):
    """Four students graded."""
    chain, results = Chain(chain_file(tmp_path, UNIT), KEY), Results(results_folder(tmp_path, UNIT), KEY)
    for student in STUDENTS:
        graded = make_graded(student)
        results.write(graded)
        chain.append(graded.record.to_json())
    return tmp_path


def unchained(*students):
    return [("unchained", f"a result of {student} is stored, but there is no record: the grader was stopped (then "
             "`course grade` writes it), or the record was taken away") for student in students]


def scores(**changes):
    return {student: {"test_stft": 3.0, "why": 1.0} for student in STUDENTS} | changes


def faults(build, have=None):
    return [(fault.kind, fault.what) for fault in verify(build, UNIT, KEY, have).faults]


def rewrite(build, change):
    file = chain_file(build, UNIT)
    lines = change(file.read_bytes().splitlines())
    file.write_bytes(b"".join(line + b"\n" for line in lines))


def swapped(lines, a, b):
    lines[a], lines[b] = lines[b], lines[a]
    return lines


def test_an_untouched_course_has_no_fault(build):
    result = verify(build, UNIT, KEY, scores())
    assert (result.records, result.students, result.faults) == (4, 4, ())


def test_a_changed_score_is_named_with_both_values(build):
    rewrite(build, lambda lines: [*lines[:2], lines[2].replace(b'"score":3.0', b'"score":2.0'), lines[3]])
    ((kind, what),) = faults(build)
    assert kind == "changed"
    assert "line 3 (record 3 of cleo)" in what
    assert "verdict.results[test_stft].score: 3.0 → 2.0" in what


def test_a_dropped_record_in_the_middle_is_named(build):
    rewrite(build, lambda lines: [lines[0], *lines[2:]])
    assert faults(build) == [("dropped", "record 2 dropped"), *unchained("bert")]


def test_records_cut_off_at_the_end_are_named(build):
    rewrite(build, lambda lines: lines[:2])
    assert faults(build) == [("dropped", "records 3–4 dropped"), *unchained("cleo", "dora")]


def test_an_emptied_chain_is_named(build):
    chain_file(build, UNIT).unlink()
    assert faults(build) == [("dropped", "records 1–4 dropped"), *unchained(*STUDENTS)]


def test_chain_and_head_gone_together_show_by_the_stored_results(build):
    chain_file(build, UNIT).unlink()
    head_file(chain_file(build, UNIT)).unlink()
    assert faults(build) == unchained(*STUDENTS)


def test_reordered_records_are_named(build):
    rewrite(build, lambda lines: swapped(lines, 1, 2))
    assert faults(build) == [("reordered", "record 2 of bert stands on line 3, behind record 3")]


def test_a_repeated_record_is_named(build):
    rewrite(build, lambda lines: [*lines, lines[0]])
    assert faults(build) == [("repeated", "record 1 of anna stands on lines 1 and 5")]


def test_an_unreadable_line_is_not_taken_for_a_dropped_one(build):
    rewrite(build, lambda lines: [lines[0], b"garbage", *lines[2:]])
    assert faults(build) == [("changed", "line 2 cannot be read"), *unchained("bert")]


def test_an_older_history_put_back_into_the_middle_is_named(build, tmp_path):
    """Two histories with the same secret: a record of the one does not fit into the other."""
    other = tmp_path / "other"
    chain = Chain(chain_file(other, UNIT), KEY)
    for student in STUDENTS:
        chain.append(make_graded(student, 0.0).record.to_json())
    foreign = chain_file(other, UNIT).read_bytes().splitlines()[1]
    rewrite(build, lambda lines: [lines[0], foreign, *lines[2:]])
    assert [kind for kind, _ in faults(build)] == ["replaced", "replaced"]
    assert any("record 2 of bert" in what for _, what in faults(build))


def test_another_secret_is_one_fault(build):
    result = verify(build, UNIT, b"other", None)
    assert any("was build/grading_seed replaced?" in fault.what for fault in result.faults)


def test_a_changed_stored_result_or_notebook_is_named(build):
    first, second = sorted(results_folder(build, UNIT).glob("*.json"))[:2]
    first.write_text(first.read_text().replace('"score": 3.0', '"score": 1.0'))
    second.with_suffix(".ipynb").write_text("{}")
    assert faults(build) == [
        ("changed", f"this stored result was changed ({first.name})"),
        ("changed", f"the notebook of this result was changed ({second.stem}.ipynb)"),
    ]


def test_a_changed_gradebook_is_named(build):
    have = scores(bert={"test_stft": 1.0}, cleo={}, eve={"test_stft": 3.0})
    del have["dora"]
    assert [what for _, what in faults(build, have)] == [
        "bert has 1 for test_stft; the record says 3",
        "cleo has no score for test_stft; the record says 3",
        "dora is not in the gradebook",
        "eve is in the gradebook, but there is no record",
    ]


def test_a_score_given_by_a_person_is_no_fault(build):
    assert faults(build, scores(anna={"test_stft": 3.0, "why": 2.0})) == []


def test_half_a_line_at_the_end_is_a_note_only(build):
    with chain_file(build, UNIT).open("ab") as stream:
        stream.write(b'{"mac":"12')
    result = verify(build, UNIT, KEY)
    assert result.faults == ()
    assert "unfinished" in result.notes[0]


def test_half_a_line_in_place_of_a_counted_one_is_a_fault(build):
    file = chain_file(build, UNIT)
    file.write_bytes(file.read_bytes()[:-20])
    assert faults(build) == [("dropped", "record 4 dropped"), *unchained("dora")]


def test_the_newest_record_of_a_student_counts(build):
    again = make_graded("bert", 0.0)
    Results(results_folder(build, UNIT), KEY).write(again)
    Chain(chain_file(build, UNIT), KEY).append(again.record.to_json())
    assert faults(build, scores(bert={"test_stft": 0.0})) == []
    assert faults(build, scores()) == [("gradebook", "bert has 3 for test_stft; the record says 0")]


def test_a_result_without_a_record_says_what_to_do(build):
    """The state between storing a result and chaining it, where a kill may hit."""
    Results(results_folder(build, UNIT), KEY).write(make_graded("eve"))
    assert faults(build) == unchained("eve")


def test_records_of_an_older_grader_without_an_entry_that_came_later_are_no_fault(build):
    """Sealed then, read now: a result may have got a new entry with a default in between."""
    chain = chain_file(build, UNIT)
    records = [json.loads(line)["record"] for line in chain.read_text().splitlines()]
    chain.unlink()
    head_file(chain).unlink()
    anew = Chain(chain, KEY)
    for record in records:
        for result in record["verdict"]["results"]:
            del result["measured"]
        anew.append(record)
    assert faults(build) == []


def test_hostile_json_does_not_stop_it(build):
    rewrite(build, lambda lines: [*lines, b"[" * 50_000, json.dumps({"record": 3}).encode(), b"", b"\xff"])
    assert [kind for kind, _ in faults(build)] == ["changed"] * 4
