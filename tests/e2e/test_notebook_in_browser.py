"""What a student meets: JupyterLab in a real browser, from the first cell to nbgrader's Validate button."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from checkout import answer, exercises
from lab_page import NotebookPage

pytestmark = pytest.mark.browser

UNIT, SMALL_UNIT = "02_stft", "00_start"


@pytest.fixture(scope="module", autouse=True)
def recordings() -> None:
    """The lessons play real recordings: without any the tests skip and say so."""
    from course_lib import data

    for load in (lambda: data.example("trumpet"), lambda: data.spoken_digits(digits=[0])):
        try:
            load()
        except data.DataError as error:
            pytest.skip(f"no recordings here (COURSE_DATA_MIRROR): {error}")


@pytest.fixture
def open_notebook(page, lab, pictures, request) -> Callable[[str], NotebookPage]:
    """Opens the student's notebook of a unit: a copy for this test, so that no other test has run in its kernel."""

    def open_unit(unit: str) -> NotebookPage:
        path = Path(unit, f"{request.node.name}.ipynb")
        shutil.copy(lab.root / unit / f"{unit}.ipynb", lab.root / path)
        notebook = NotebookPage(page, lab, path.as_posix(), pictures)
        notebook.open()
        return notebook

    return open_unit


def test_a_student_works_through_a_notebook(open_notebook):
    notebook, exercise = open_notebook(UNIT), exercises(UNIT)[0]
    solution = notebook.index(grade_id=exercise)
    test = notebook.test_of(exercise)
    notebook.picture("01_opened")

    assert notebook.run_all_until_failure() == test
    setup = notebook.cell(notebook.index(text="ui.setup()"))
    assert "profile smoke" in setup.locator(".jp-OutputArea").inner_text()
    output = notebook.cell(test).locator(".jp-OutputArea")
    assert "✗" in output.inner_text()
    assert "is not written yet" in output.inner_text()
    assert "Traceback" not in output.inner_text()
    notebook.picture("02_blank_answer_fails", test)

    wrong, expected = answer(UNIT, exercise, "wrong")
    notebook.type_over(solution, wrong)
    notebook.run(solution)
    message = notebook.run(test).inner_text()
    assert "✗" in message
    assert expected.lower() in " ".join(message.lower().split())
    notebook.picture("03_wrong_answer_is_named", test)

    right, _ = answer(UNIT, exercise, "right")
    notebook.type_over(solution, right)
    notebook.run(solution)
    message = notebook.run(test).inner_text()
    assert "✓" in message
    assert "✗" not in message
    notebook.picture("04_right_answer_passes", test)

    notebook.save()
    assert right.strip().splitlines()[-1] in "".join(notebook.on_disk()["cells"][solution]["source"])


def test_a_slider_moves_the_figure_and_a_sound_plays(open_notebook):
    notebook = open_notebook(UNIT)
    notebook.run(notebook.index(text="ui.setup()"))
    _run_lesson_until(notebook, demo := notebook.index(text="ui.explore("))
    before = _figure(notebook, demo)
    notebook.picture("05_demo_before", demo, part="img")
    notebook.drag_slider(demo, share=0.8)
    notebook.page.wait_for_function(
        "([image, before]) => image.isConnected ? image.src !== before : true",
        arg=[notebook.cell(demo).locator(".jp-OutputArea img").first.element_handle(), before], timeout=30_000,
    )
    notebook.wait_until_idle()
    assert _figure(notebook, demo) != before
    notebook.picture("06_demo_after", demo, part="img")

    sound = notebook.index(text="ui.player(")
    notebook.run(sound)
    start, later = notebook.play(sound)
    assert start == 0
    assert later > 0
    notebook.picture("07_sound_plays", sound)


def test_validate_names_the_tests_that_fail_and_says_when_all_pass(open_notebook):
    notebook = open_notebook(SMALL_UNIT)
    text = notebook.press_validate()
    notebook.picture("08_validate_blank")
    assert "failed" in text
    for exercise in exercises(SMALL_UNIT):
        assert notebook.sources[notebook.test_of(exercise)].splitlines()[0] in text
    notebook.dismiss()

    for exercise in exercises(SMALL_UNIT):
        notebook.type_over(notebook.index(grade_id=exercise), answer(SMALL_UNIT, exercise, "right")[0])
    for question in notebook.explain_questions():
        notebook.type_over(question, "Two sounds of equal peak may differ in level, because the ear averages power.")
    notebook.save()
    text = notebook.press_validate()
    notebook.picture("09_validate_solved")
    assert "Success! Your notebook passes all the tests." in text


def _run_lesson_until(notebook: NotebookPage, last: int) -> None:
    """Run the code cells that are no exercise, up to `last`."""
    kinds = [cell["cell_type"] for cell in notebook.on_disk()["cells"]]
    for index in range(last + 1):
        if kinds[index] == "code" and not notebook.ids[index]:
            notebook.run(index)


def _figure(notebook: NotebookPage, index: int) -> str:
    image = notebook.cell(index).locator(".jp-OutputArea img").first
    assert image.get_attribute("alt")
    assert image.evaluate("i => i.naturalWidth") > 100
    return image.evaluate("i => i.src")
