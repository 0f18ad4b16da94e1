"""Feedback, report and similarity pages in a real browser: nothing runs, nothing is loaded, nothing sticks out."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "grader" / "pages"))

from graded_class import assignment, course_in, record, small_class

from autograder.feedback.page import feedback_page
from autograder.model.examination import WRONG
from autograder.model.submission import Repair
from autograder.pages.by_hand import ByHand, HandGrade
from autograder.pages.exercises import titles
from autograder.pages.graded import Marked
from autograder.report.page import report_page
from autograder.similarity.classroom import compare_class
from autograder.similarity.page import similarity_page
from autograder.similarity.pairs import pairs

pytestmark = pytest.mark.browser

EVIL = (
    "<script>document.title='hit'</script><img src=x onerror=\"document.title='hit'\"></style></pre></title>"
    "<svg onload=\"document.title='hit'\"><meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>"
    "<iframe src=\"javascript:parent.document.title='hit'\"></iframe><link rel=stylesheet href=http://127.0.0.1:9/x.css>"
)
LONG = "x" * 3000
CONTRAST = """() => {
  const light = colour => {
    const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = node => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if (!/rgba\\(.*, 0\\)|transparent/.test(colour)) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  let worst = [99, ''];
  for (const node of document.querySelectorAll('body *')) {
    if (![...node.childNodes].some(child => child.nodeType === 3 && child.data.trim())) continue;
    const [a, b] = [light(getComputedStyle(node).color), light(ground(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < worst[0]) worst = [ratio, node.outerHTML.slice(0, 200)];
  }
  return worst;
}"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Name → file: pages of a usual class and of one that means harm."""
    folder = tmp_path_factory.mktemp("pages")
    course = course_in(folder)
    given = assignment(course)
    unit, exercises = course.unit(given.name), titles(given)
    evil = record(given, EVIL, f"{EVIL} {LONG}",
                  answers={e.grade_id: f"{EVIL}\n{LONG}" for e in given.exercises},
                  statuses={e.grade_id: (WRONG, f"{EVIL} `{LONG}`") for e in given.exercises},
                  repairs=(Repair(EVIL, "stft", True), Repair(LONG)), flags=(LONG, EVIL))
    by_hand = {"explain_window": HandGrade(0.5, 0.0, EVIL), "test_stft": HandGrade(2.0, 0.0, LONG)}
    hand = ByHand(by_hand, {}, 7500.0, 1.5)
    usual = small_class(given)
    records = [*usual, evil]
    marked = [Marked(one, hand) for one in records]
    answers, matches = compare_class(given, exercises, records)
    names = {one.student: one.name for one in records}
    made = {
        "feedback": feedback_page(course, unit, exercises, Marked(usual[1])),
        "feedback_marked": feedback_page(course, unit, exercises, Marked(usual[2], hand)),
        "feedback_refused": feedback_page(course, unit, exercises, Marked(usual[7])),
        "feedback_hostile": feedback_page(course, unit, exercises, Marked(evil, hand)),
        "report": report_page(course, unit, exercises, marked),
        "similarity": similarity_page(course, unit, exercises, answers, pairs(matches), names),
    }
    for name, text in made.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize(
    "name", ["feedback", "feedback_marked", "feedback_refused", "feedback_hostile", "report", "similarity"])
def test_page_is_quiet_and_fits(browser, pictures, pages, name, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(pages[name].as_uri())
    page.wait_for_timeout(100)
    for details in page.locator("summary").all()[:6]:
        details.click()
    page.screenshot(path=str(pictures / f"{name}_{width}_{scheme}.png"), full_page=True)
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []
    assert page.title() != "hit"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sticking_out = page.evaluate(
        "w => [...document.querySelectorAll('body *')].filter(n => n.getBoundingClientRect().right > w + 1)"
        ".map(n => n.outerHTML.slice(0, 100))", width)
    assert sticking_out == []
    ratio, where = page.evaluate(CONTRAST)
    assert ratio >= 4.5, where
    context.close()
