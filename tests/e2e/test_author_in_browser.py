"""What an author and a teacher meet: solved notebooks that go back to their source, and formgrader."""

import difflib

import pytest
from lab_page import NotebookPage
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

UNIT = "00_start"
TEACH = True


def test_saving_a_solved_notebook_writes_the_percent_source(page, lab, pictures):
    source = lab.root / "solutions" / UNIT / f"{UNIT}.py"
    before = source.read_text(encoding="utf-8")
    notebook = NotebookPage(page, lab, f"solutions/{UNIT}/{UNIT}.ipynb", pictures)
    notebook.open()
    lesson = next(
        i for i, cell in enumerate(notebook.on_disk()["cells"])
        if cell["cell_type"] == "code" and not notebook.ids[i] and cell["metadata"].get("editable", True)
    )
    notebook.append(lesson, "\n# edited in the browser")
    notebook.picture("10_solved_edited", lesson)
    notebook.save()
    after = source.read_text(encoding="utf-8")
    changes = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
    assert changes == ["+ # edited in the browser"]
    assert len(notebook.on_disk()["cells"]) == len(notebook.sources)  # header and setup stay in the notebook

    notebook.append(lesson, "")
    for _ in "\n# edited in the browser":
        page.keyboard.press("Backspace")
    notebook.save()
    assert source.read_text(encoding="utf-8") == before


def test_a_solved_notebook_shows_an_edit_of_its_source(page, lab, pictures):
    source = lab.root / "solutions" / UNIT / f"{UNIT}.py"
    before = source.read_text(encoding="utf-8")
    first_heading = next(line for line in before.splitlines() if line.startswith("# ## "))
    source.write_text(before.replace(first_heading, f"{first_heading} (edited in a text editor)", 1), encoding="utf-8")
    try:
        notebook = NotebookPage(page, lab, f"solutions/{UNIT}/{UNIT}.ipynb", pictures)
        notebook.open()
        expect(notebook.notebook.get_by_role("heading", name="(edited in a text editor)")).to_be_visible()
        notebook.picture("11_solved_from_edited_source")
    finally:
        source.write_text(before, encoding="utf-8")


def test_formgrader_lists_the_assignments_and_makes_a_release(page, lab, pictures):
    page.goto(lab.page("formgrader/manage_assignments"))
    row = page.get_by_role("row").filter(has_text=UNIT)
    expect(row).to_be_visible(timeout=30_000)
    page.screenshot(path=str(pictures / "12_formgrader.png"))
    release = lab.root / "notebooks" / UNIT / f"{UNIT}.ipynb"
    committed = release.read_bytes()
    row.locator("a:has(.glyphicon-education)").click()
    dialog = page.locator(".modal-dialog").filter(has_text="Success")
    expect(dialog).to_be_visible(timeout=120_000)
    page.screenshot(path=str(pictures / "13_formgrader_generated.png"))
    assert release.read_bytes() == committed
