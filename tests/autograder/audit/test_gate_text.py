"""Prose, links, cards, figures and the built notebooks, each broken in one way."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_output
from tiny_course import UNIT, failures

from autograder.audit.built import judge_built
from autograder.audit.cards import judge_cards
from autograder.audit.figures import judge_figures, judge_pictures
from autograder.audit.links import judge_links, slug
from autograder.audit.prose import judge_prose
from autograder.build import build_unit
from autograder.files import write_all


def audit(tiny, gate):
    audited = tiny.read()
    gate(audited)
    return audited


@pytest.mark.parametrize("gate", [judge_cards, judge_prose, judge_links, judge_figures])
def test_good_unit(tiny, gate):
    assert failures(audit(tiny, gate)) == []


@pytest.mark.parametrize("word", ["TODO", "FIXME", "TBD", "XXX"])
def test_placeholder_in_prose_or_code(tiny, word):
    tiny.cells["end"] += f"\n# %%\n# {word}: draw this\n"
    audited = audit(tiny, judge_prose)
    [failure] = audited.report.failures
    assert word in failure.message
    assert word in audited.unit.source.read_text().splitlines()[failure.line - 1]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# %% [markdown]\n# ## 3 · Nothing\n#\n# ## 4 · Something\n#\n# Here.\n", "3 · Nothing"),
        ("# %% [markdown]\n# ## 5 · Last\n", "5 · Last"),
        ("# %% [markdown]\n# ## 6 · Above\n#\n# ### Below\n", "Below"),
    ],
)
def test_empty_section(tiny, text, title):
    tiny.cells["end"] += "\n" + text
    assert failures(audit(tiny, judge_prose)) == [f"the section “{title}” is empty"]


def test_section_that_holds_only_code_is_not_empty(tiny):
    tiny.cells["end"] += "\n# %% [markdown]\n# ## 7 · Code\n\n# %%\nprint(1)\n"
    assert failures(audit(tiny, judge_prose)) == []


def test_hash_in_a_fenced_block_is_no_heading(tiny):
    tiny.cells["end"] += "#\n# ```python\n# ## a comment\n# ```\n"
    assert failures(audit(tiny, judge_prose)) == []


def test_misspelling(tiny):
    tiny.cells["end"] = tiny.cells["end"].replace("Everywhere", "Everywhere teh")  # codespell:ignore teh
    [failure] = audit(tiny, judge_prose).report.failures
    assert failure.gate == "spelling"
    assert "the" in failure.message
    assert failure.line


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("[x](#no-such-heading)", "no heading"),
        ("[x](missing.png)", "no such file"),
        ("![x](../../figures/gone.svg)", "no such file"),
        ("[x](../99_nowhere/99_nowhere.ipynb)", "no unit 99_nowhere"),
        ("[x](http://)", "not a web address"),
        ("[x](https://example)", "not a web address"),
        ("[x](/etc/passwd)", "absolute path"),
        ("[x](javascript:alert)", "unknown kind"),
        ("[x](data:image/png;base64,AAAA)", "embed nothing"),
        ("[a paper][Nobody2020]", "not defined"),
        ('<a href="gone.html">x</a>', "no such file"),
    ],
)
def test_broken_link(tiny, link, said):
    tiny.cells["end"] += f"#\n# Look at {link}.\n"
    audited = audit(tiny, judge_links)
    [message] = failures(audited, "links")
    assert said in message
    assert link.split("](")[-1].strip(")")[:8] in audited.unit.source.read_text().splitlines()[
        audited.report.failures[0].line - 1
    ]


@pytest.mark.parametrize(
    "link",
    [
        "[x](#2-where-this-goes)", "[x](#2-·-Where-this-goes)", f"[x](../{UNIT}/{UNIT}.ipynb)",
        "[Oppenheim (1999)](https://en.wikipedia.org/wiki/Filter_(signal_processing))", "https://example.org/a.",
        "`[x](not/a/link.md)`", "$x[n](t)$ and $X[k]$", "[a paper][Paper]\n#\n# [Paper]: https://arxiv.org/abs/1609.03499",
    ],
)
def test_good_link(tiny, link):
    tiny.cells["end"] += f"#\n# Look at {link}\n"
    assert failures(audit(tiny, judge_links)) == []


def test_link_to_a_file_must_hold_in_the_release_too(tiny):
    audited = tiny.read()
    (audited.unit.solved.parent / "figure.svg").write_text("<svg/>")
    tiny.cells["end"] += "#\n# ![a figure](figure.svg)\n"
    assert "no such file beside notebooks" in failures(audit(tiny, judge_links))[0]


def test_anchors_of_jupyterlab_and_github_are_one():
    assert slug("2 · Where this goes") == slug("2-·-Where-this-goes") == slug("2--where-this-goes")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("★☆☆", "", "no difficulty"),
        ("★☆☆", "★", "no difficulty"),
        ("10 min", "a while", "no minutes"),
        ("· 2 points", "", "no points"),
        ("· 2 points", "· 3 points", "says 3 points, the graded cells give 2"),
        ("Hint 1", "Help", "no Hint 1"),
        ("Hint 2", "Help", "no Hint 2"),
        ("If you pass the first test but fail", "Beware if you miss", "does not say what to think"),
        ("### Exercise 1.1", "### Exercise 7.1", "stands in unit 01"),
        ("### Exercise 1.1 ·", "### Double ·", "no card above"),
        ("</details>\n#\n# If", "\n#\n# If", "not closed"),
    ],
)
def test_card_without_a_part(tiny, old, new, said):
    assert old in tiny.cells["card"]
    tiny.cells["card"] = tiny.cells["card"].replace(old, new)
    [message] = failures(audit(tiny, judge_cards))
    assert said in message


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ui.show(fig)", "without alt"), ('ui.show(fig, alt="")', "without alt"),
        ("ui.show(fig, alt=None)", "without alt"), ("plt.show()", "plt.show"),
    ],
)
def test_figure_without_alt_text(tiny, code, said):
    tiny.cells["end"] += f"\n# %%\nfig = 1\n{code}\n"
    audited = audit(tiny, judge_figures)
    [failure] = audited.report.failures
    assert said in failure.message
    assert audited.unit.source.read_text().splitlines()[failure.line - 1] == code


@pytest.mark.parametrize("code", ['ui.show(fig, alt="A line.")', 'ui.show(fig, "A line.")', "ui.show(fig, alt=words)"])
def test_figure_with_alt_text(tiny, code):
    tiny.cells["end"] += f"\n# %%\n{code}\n"
    assert failures(audit(tiny, judge_figures)) == []


def test_image_in_the_prose_without_alt_text(tiny):
    tiny.cells["end"] += "#\n# ![](x.png)\n"
    assert failures(audit(tiny, judge_figures)) == ["an image in the prose has no alt text"]


@pytest.mark.parametrize(
    ("data", "metadata", "silent"),
    [
        ({"image/png": "AAAA"}, {}, True),
        ({"image/png": "AAAA"}, {"image/png": {"alt": "A line."}}, False),
        ({"text/html": '<img src="data:," alt="A line.">', "image/png": "AAAA"}, {}, False),
        ({"text/html": '<img src="data:,">'}, {}, True),
        ({"text/html": '<img alt="" src="data:,">'}, {}, True),
        ({"text/plain": "1"}, {}, False),
    ],
)
def test_pictures_that_a_run_leaves(tiny, data, metadata, silent):
    executed = nbformat.v4.new_notebook(
        cells=[new_code_cell("fig", outputs=[new_output("display_data", data, metadata=metadata)])]
    )
    audited = tiny.read()
    judge_pictures(audited, executed)
    assert bool(failures(audited, "alt text")) == silent


def test_built_notebooks_are_compared_with_the_source(tiny):
    assert {f.message for f in audit(tiny, judge_built).report.failures} >= {"is missing"}
    audited = tiny.read()
    write_all(build_unit(audited.course, audited.unit).texts())
    assert failures(audit(tiny, judge_built)) == []
    tiny.cells["intro"] = tiny.cells["intro"].replace("Twice", "Two times")
    audited = audit(tiny, judge_built)
    assert all("differs" in message for message in failures(audited, "build"))
    assert len(failures(audited)) == 2


@pytest.mark.parametrize(
    "leak",
    [
        "# %% [markdown]\n# The answer is simply `return np.multiply(2, x)[::1] + np.zeros(len(x))`.\n",
        "# %%\ndef my_double(x):\n    return np.multiply(2, x)[::1] + np.zeros(len(x))\n",
    ],
)
def test_leak_of_a_solution(tiny, leak):
    tiny.cells["answer"] = tiny.cells["answer"].replace("2 * x", "np.multiply(2, x)[::1] + np.zeros(len(x))")
    tiny.cells["end"] += "\n" + leak
    audited = audit(tiny, judge_built)
    assert audited.report.leaks >= 1
    assert failures(audited, "leak")
