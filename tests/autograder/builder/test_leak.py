"""The leak gate: each way in which an answer could reach students is found, and ordinary lessons pass."""

import copy

import nbformat
import pytest
from mini import GAIN

from autograder.course import CourseError
from autograder.leak import find_leaks, refuse_leaks
from autograder.release import make_release
from autograder.source import read_source

LONG = '''def softmax_mix(x, weights):
    """A weighted mean of the rows of x."""
    ### BEGIN SOLUTION
    # subtract the largest score before the exponential
    scores = np.exp(weights - weights.max(axis=0, keepdims=True))
    total = (scores[:, None] * x).sum(axis=0) / scores.sum(axis=0)
    for row in range(3):
        total[row] += scores[row] * x[row, 0] - weights[row]
    return total
    ### END SOLUTION
'''
SCALE = GAIN[GAIN.index("def scale"): GAIN.index("# %% nbgrader={\"grade_id\": \"test_scale\"")]
SOURCE = GAIN.replace(SCALE, LONG + "\n\nscale = softmax_mix\n\n")


def leaks(course, text=SOURCE, edit=None):
    unit = course.units["01_gain"]
    unit.source.write_text(text)
    solved = read_source(course, unit)
    release = make_release(solved)
    if edit:
        edit(release)
    return find_leaks(solved, release, unit)


def lesson(code):
    return SOURCE.replace("x = np.ones(4)\nprint(x.sum())", code)


def card(text):
    commented = "\n".join(f"# {line}".rstrip() for line in text.split("\n"))
    return SOURCE.replace("# ### Exercise 1.1", commented + "\n#\n# ### Exercise 1.1")


def test_an_honest_unit_has_none(course):
    assert leaks(course) == []
    assert leaks(course, GAIN) == []


@pytest.mark.parametrize(("text", "kind"), [
    (lesson("scores = np.exp(weights - weights.max(axis=0, keepdims=True))"), "a solution line"),
    (lesson("scores = np.exp(\n    weights\n    - weights.max(axis=0, keepdims=True)\n)"), "a solution line"),
    (lesson("t = np.exp(w - w.max(axis=0, keepdims=True))\nu = (t[:, None] * y).sum(axis=0) / t.sum(axis=0)"),
     "a solution line"),
    (lesson("for k in range(3):\n    acc[k] += a[k] * b[k, 0] - c[k]"), "a solution line"),
    (lesson("x = 1\nshow((scores[:, None] * x).sum(axis=0) / scores.sum(axis=0))"), "a solution line"),
    (lesson("x = 1  # subtract the largest score before the exponential"), "a solution line"),
    (lesson("secret_gain = 6.0206"), "a hidden test"),
    (card("The exam wants: factors multiply, and the logarithm turns a product into a sum."), None),
    (card("Factors multiply, and the logarithm turns a product into a sum."), "a solution line"),
    (card("1 point for the product of factors, 1 point for the logarithm."), "the mark scheme"),
    (card("```python\ntotal = (scores[:, None] * x).sum(axis=0) / scores.sum(axis=0)\n```"), "a solution line"),
    (card("```python\nq = (p[:, None] * r).sum(axis=0) / p.sum(axis=0)\n```"), "a solution line"),
    (card("<details><summary>Hint 2</summary>\n\n```python\n"
          "for k in range(3):\n    u[k] += a[k] * b[k, 0] - c[k]\n```\n</details>"), "a solution line"),
])
def test_an_answer_in_a_visible_cell(course, text, kind):
    found = leaks(course, text)
    if kind is None:  # other words: not for a machine to see
        assert found == []
        return
    assert len(found) >= 1
    assert kind in found[0].message
    assert found[0].line


def test_a_leak_has_the_line_of_the_visible_cell(course):
    text = lesson("y = 1\nz = 2\nscores = np.exp(weights - weights.max(axis=0, keepdims=True))")
    (found,) = leaks(course, text)
    assert text.splitlines()[found.line - 1].startswith("scores = np.exp")


def test_a_hint_may_show_one_line_and_no_more(course):
    first = "scores = np.exp(weights - weights.max(axis=0, keepdims=True))"
    hint = "<details><summary>Hint 2 · the first line</summary>\n\n```python\n{}\n```\n</details>"
    assert leaks(course, card(hint.format(first))) == []
    second = "total = (scores[:, None] * x).sum(axis=0) / scores.sum(axis=0)"
    assert leaks(course, card(hint.format(second))) == []
    assert leaks(course, card(hint.format(first) + "\n" + hint.format(first))) == []
    assert len(leaks(course, card(hint.format(f"{first}\n{second}")))) == 1
    assert len(leaks(course, card(f"`{first}`"))) == 1, "outside a hint it is a leak"


def test_a_hint_may_not_show_the_return(course):
    result = "return [np.clip(factor * value, -1, 1) ** 2 for value in np.asarray(x, dtype=float)]"
    text = GAIN.replace("return [factor * value for value in x]", result)
    hint = f"<details><summary>Hint 2</summary>\n\n```python\n{result}\n```\n</details>"
    assert leaks(course, text) == []
    commented = "\n".join(f"# {line}".rstrip() for line in hint.split("\n"))
    (found,) = leaks(course, text.replace("# ### Exercise 1.1", f"{commented}\n#\n# ### Exercise 1.1"))
    assert "return [np.clip" in found.message


def test_what_everybody_writes_is_no_leak(course):
    text = SOURCE.replace("    return total\n", "    x = np.asarray(x, dtype=np.float64)\n    return total\n")
    assert leaks(course, text.replace("x = np.ones(4)", "x = np.asarray([1], dtype=np.float64)\nimport math")) == []


def test_a_visible_line_of_the_test_may_be_repeated_in_the_hidden_part(course):
    visible = "assert np.allclose(scale([1.0, 2.0], 20), [10.0, 20.0])"
    assert leaks(course, GAIN.replace("secret_gain = 6.0206", f"{visible}\nsecret_gain = 6.0206")) == []


def _output(release):
    release.cells[3].outputs = [nbformat.v4.new_output("stream", text="4.0")]


def _attachment(release):
    release.cells[2].attachments = {"a.png": {"image/png": ""}}


def _metadata(release):
    release.cells[2].metadata["note"] = "secret_gain = 6.0206"


def _marker(release):
    release.cells[2].source += "\n### END SOLUTION"


@pytest.mark.parametrize(("edit", "message"), [
    (_output, "outputs"), (_attachment, "attachment"), (_metadata, "in the metadata, a hidden test"),
    (_marker, "the marker 'END SOLUTION'"),
])
def test_what_is_not_text(course, edit, message):
    (found,) = leaks(course, edit=edit)
    assert message in found.message


def test_the_solved_notebook_itself_is_full_of_leaks(course):
    unit = course.units["01_gain"]
    unit.source.write_text(SOURCE)
    solved = read_source(course, unit)
    kinds = " ".join(e.message for e in find_leaks(solved, copy.deepcopy(solved), unit))
    for kind in ("a solution line", "a hidden test", "the mark scheme", "the marker"):
        assert kind in kinds


def test_a_source_in_the_release_folder(course):
    unit = course.units["01_gain"]
    unit.release.parent.mkdir(parents=True)
    (unit.release.parent / "01_gain.py").write_text("")
    with pytest.raises(CourseError, match="Python file in the release folder"):
        refuse_leaks(read_source(course, unit), make_release(read_source(course, unit)), unit)
