"""Alignments: their counts are those of edit_counts, their distance torchaudio's, and they spell both strings."""

from hypothesis import given
from hypothesis import strategies as st

from course_lib.metrics import confusions, edit_alignment, edit_counts

strings = st.text("abc", max_size=9)


@given(strings, strings)
def test_an_alignment_spells_both_strings_at_the_smallest_cost(reference, hypothesis):
    from torchaudio.functional import edit_distance

    pairs, counts = edit_alignment(reference, hypothesis), edit_counts(reference, hypothesis)
    assert "".join(a for a, _ in pairs if a is not None) == reference
    assert "".join(b for _, b in pairs if b is not None) == hypothesis
    assert sum(a != b for a, b in pairs) == edit_distance(list(reference), list(hypothesis)) == counts.errors
    assert sum(b is None for _, b in pairs) == counts.deletions
    assert sum(a is None for a, _ in pairs) == counts.insertions


def test_confusions_count_pairs_over_a_set():
    found = confusions([["one", "two"], ["two"]], [["one"], ["ten"]])
    assert found == {("one", "one"): 1, ("two", None): 1, ("two", "ten"): 1}
