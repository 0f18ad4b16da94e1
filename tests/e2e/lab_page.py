"""A notebook in JupyterLab as a person uses it: run cells, type, look, listen, press buttons."""

import json
import re
import uuid
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from server import Server

ERROR = "[data-mime-type='application/vnd.jupyter.error'], [data-mime-type='application/vnd.jupyter.stderr']"
RUN_MS = 180_000


class NotebookPage:
    """One notebook, open in JupyterLab; cells are named by their index in the file."""

    def __init__(self, page: Page, server: Server, path: str, pictures: Path):
        self.page, self.server, self.path, self.pictures = page, server, path, pictures
        self.sources = ["".join(cell["source"]) for cell in self.on_disk()["cells"]]
        self.ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in self.on_disk()["cells"]]

    def open(self) -> None:
        """Load the page and wait until every cell is there and the kernel is ready."""
        # A workspace of its own: JupyterLab otherwise opens again what another test had open.
        self.page.goto(self.server.page(f"lab/workspaces/{uuid.uuid4().hex}/tree/{self.path}"))
        self.panel = self.page.locator(".jp-NotebookPanel")
        self.notebook = self.panel.locator(".jp-Notebook")
        expect(self.notebook.locator(".jp-Cell")).to_have_count(len(self.sources), timeout=60_000)
        self.wait_until_idle()

    def on_disk(self) -> dict:
        """The notebook as it is stored now."""
        return json.loads((self.server.root / self.path).read_text(encoding="utf-8"))

    def index(self, *, grade_id: str | None = None, text: str | None = None) -> int:
        """The first cell with this grade_id, or that holds this text."""
        if grade_id is not None:
            return self.ids.index(grade_id)
        return next(i for i, source in enumerate(self.sources) if text in source)

    def explain_questions(self) -> list[int]:
        """The cells whose answer is a text."""
        return [
            i for i, cell in enumerate(self.on_disk()["cells"])
            if cell["cell_type"] == "markdown" and cell["metadata"].get("nbgrader", {}).get("solution")
        ]

    def test_of(self, exercise: str) -> int:
        """The first graded test cell after the answer cell of an exercise."""
        return next(i for i in range(self.ids.index(exercise) + 1, len(self.ids)) if self.ids[i])

    def cell(self, index: int) -> Locator:
        """The cell on the page, scrolled into view."""
        cell = self.notebook.locator(".jp-Cell").nth(index)
        cell.scroll_into_view_if_needed()
        return cell

    def wait_until_idle(self) -> None:
        """Wait for the kernel to be connected and idle, as the status bar says."""
        expect(self.page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=RUN_MS)

    def run(self, index: int) -> Locator:
        """Run one cell with the keyboard and wait for it; returns its output area."""
        cell = self.cell(index)
        prompt = cell.locator(".jp-InputPrompt").first
        before = prompt.inner_text()
        prompt.click()
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function(
            "([prompt, before]) => prompt.innerText !== before && /\\[\\d+\\]/.test(prompt.innerText)",
            arg=[prompt.element_handle(), before], timeout=RUN_MS,
        )
        self.wait_until_idle()
        return cell.locator(".jp-OutputArea").first

    def run_all_until_failure(self) -> int:
        """Run > Run All Cells, which stops at the first cell that fails; returns its index."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        failed = self.notebook.locator(".jp-Cell", has=self.page.locator(ERROR))
        expect(failed).to_have_count(1, timeout=RUN_MS)
        self.wait_until_idle()
        return int(failed.get_attribute("data-windowed-list-index"))

    def type_over(self, index: int, code: str) -> None:
        """Replace what stands in a cell; a rendered text is opened first."""
        cell = self.cell(index)
        if "jp-mod-rendered" in cell.get_attribute("class"):
            cell.locator(".jp-RenderedMarkdown").dblclick()
        editor = cell.locator(".cm-content")
        editor.click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(code)
        expect(editor).to_contain_text(code.strip().splitlines()[-1].strip())

    def append(self, index: int, text: str) -> None:
        """Add text at the end of a code cell."""
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.insert_text(text)

    def save(self) -> None:
        """Save with the keyboard and wait until the tab is no longer marked as changed."""
        self.page.keyboard.press("Control+s")
        tab = self.page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab.lm-mod-current")
        expect(tab).not_to_have_class(re.compile("jp-mod-dirty"), timeout=30_000)

    def drag_slider(self, index: int, *, share: float) -> None:
        """Drag the handle of the first slider of a cell to this share of its track, as a hand does."""
        track = self.cell(index).locator(".noUi-target").first
        handle, box = track.locator(".noUi-handle").bounding_box(), track.bounding_box()
        y = handle["y"] + handle["height"] / 2
        self.page.mouse.move(handle["x"] + handle["width"] / 2, y)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + box["width"] * share, y, steps=8)
        self.page.mouse.up()

    def play(self, index: int) -> tuple[float, float]:
        """Click the play button of the first sound of a cell; its position in seconds before and a second later."""
        audio = self.cell(index).locator("audio").first
        audio.scroll_into_view_if_needed()
        before = audio.evaluate("a => a.currentTime")
        height = audio.bounding_box()["height"]
        audio.click(position={"x": height * 0.5, "y": height / 2})  # the play button of Chromium's controls
        self.page.wait_for_function(
            "a => a.ended || a.currentTime > 0.05", arg=audio.element_handle(), timeout=10_000
        )
        return before, audio.evaluate("a => a.currentTime")

    def press_validate(self) -> str:
        """nbgrader's Validate button in the toolbar; the text of the dialog that answers."""
        self.panel.locator(".jp-Toolbar").get_by_text("Validate", exact=True).click()
        dialog = self.page.locator(".jp-Dialog-content")
        expect(dialog).to_be_visible(timeout=RUN_MS)
        return dialog.inner_text()

    def dismiss(self) -> None:
        """Close the dialog."""
        self.page.locator(".jp-Dialog-content .jp-mod-accept, .jp-Dialog-content button").last.click()
        expect(self.page.locator(".jp-Dialog-content")).to_have_count(0)

    def picture(self, name: str, index: int | None = None, *, part: str | None = None) -> None:
        """Keep a screenshot, with the named cell, or the first such element of it, in view."""
        if index is not None:
            cell = self.cell(index)
            (cell.locator(part).first if part else cell).scroll_into_view_if_needed()
        self.page.screenshot(path=str(self.pictures / f"{name}.png"))
