"""One browser and one JupyterLab for all browser tests; without Chromium they skip and say so."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from checkout import ROOT, copy_checkout
from server import Server, start, stop

PICTURES = ROOT / "build" / "e2e"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FAILED = pytest.StashKey[bool]()
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
]


@pytest.fixture(scope="session")
def pictures() -> Path:
    """The folder of the screenshots, kept after the test."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium: COURSE_CHROMIUM, or the one on the path."""
    found = os.environ.get("COURSE_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if not found or not Path(found).exists():
        pytest.skip("no Chromium on this machine: install it, or name it in COURSE_CHROMIUM")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def checkout(tmp_path_factory) -> Path:
    """A copy of the checkout that the tests may write into."""
    return copy_checkout(tmp_path_factory.mktemp("course") / "checkout")


@pytest.fixture(scope="module")
def lab(browser, checkout, pictures, request, tmp_path_factory) -> Iterator[Server]:
    """`course lab` in the copy; in a module with `TEACH = True` it is `course lab --teach`."""
    server, process = start(checkout, tmp_path_factory.mktemp("lab"), teach=getattr(request.module, "TEACH", False))
    yield server
    stop(process)
    shutil.copy(server.log, pictures / f"{request.module.__name__}.log")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Remember whether the test itself failed, for the last picture of `page`."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture
def page(browser, pictures, request):
    """A fresh page in a window of its own; where a test fails, a picture shows what it saw last."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    yield page
    if request.node.stash.get(FAILED, False):
        page.screenshot(path=str(pictures / f"failed_{request.node.name}.png"))
    context.close()
