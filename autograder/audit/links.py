"""Links and references resolve: files, anchors, units; web addresses are well formed, and answer with `--online`."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from autograder.audit.subject import AuditedUnit

LINK = re.compile(
    r"!?\[[^\]\[]*(?:\[[^\]]*\][^\]\[]*)*\]"  # the text, which may hold brackets
    r"\(\s*<?([^()\s>]+(?:\([^()\s]*\)[^()\s>]*)*)>?(?:\s+[\"'][^)]*)?\)"  # the address, which may hold parentheses
)
REFERENCE = re.compile(r"\[[^\]\[]+\]\[([^\]\[]+)\]")
DEFINITION = re.compile(r"^\s{0,3}\[([^\]\[]+)\]:\s*<?(\S+?)>?(?:\s+[\"'(].*)?$", re.MULTILINE)
HTML_LINK = re.compile(r"""\b(?:href|src)\s*=\s*["']([^"']+)["']""")
BARE = re.compile(r"(?<![\w(<\"'\]:=/])https?://[^\s)>\]\"'`]+")
CODE = re.compile(r"```.*?```|~~~.*?~~~|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
ANCHOR = re.compile(r"""<a\s+(?:id|name)\s*=\s*["']([^"']+)["']|\bid\s*=\s*["']([^"']+)["']""")
UNIT_FILE = re.compile(r"(?:^|/)(\d\d_[a-z0-9_]+)/\1\.(?:ipynb|py)$")
ONLINE_SECONDS = 20


def judge_links(audited: AuditedUnit, *, online: bool = False) -> None:
    """Fail on every link of the prose that leads nowhere."""
    anchors = _anchors(audited)
    for cell in audited.solved.cells:
        line = cell.metadata.get("course", {}).get("line")
        if cell.cell_type != "markdown" or line is None:
            continue
        text = CODE.sub(lambda code: " " * len(code[0]), cell.source)
        for target, fault in _faults(audited, text, anchors, online):
            audited.report.fail("links", fault, file=audited.unit.source, line=audited.line_of(target) or line,
                                mend="mend the link")


def _faults(audited: AuditedUnit, text: str, anchors: set[str], online: bool):
    defined = {name.casefold(): target for name, target in DEFINITION.findall(text)}
    for name in REFERENCE.findall(text):
        if name.casefold() not in defined and not name.isdecimal():
            yield f"[{name}]", f"the reference [{name}] is not defined"
    targets = [*LINK.findall(text), *defined.values(), *HTML_LINK.findall(text), *BARE.findall(text)]
    for target in dict.fromkeys(target.rstrip(".,;:") for target in targets):
        fault = _fault(audited, target, anchors, online)
        if fault:
            yield target, f"{target}: {fault}"


def _fault(audited: AuditedUnit, target: str, anchors: set[str], online: bool) -> str:
    try:
        parts = urlsplit(target)
    except ValueError:
        return "not an address"
    if parts.scheme in ("http", "https"):
        if not re.fullmatch(r"([\w-]+\.)+[a-zA-Z]{2,}(:\d+)?", parts.netloc):
            return "not a web address"
        return _answer(target) if online else ""
    if parts.scheme in ("mailto", "doi"):
        return ""
    if parts.scheme in ("data", "attachment"):
        return "embed nothing: link to a file or draw it in a cell"
    if parts.scheme:
        return f"unknown kind of link {parts.scheme}:"
    if not parts.path:
        return "" if slug(unquote(parts.fragment)) in anchors else "no heading of this unit gives that anchor"
    return _missing_file(audited, unquote(parts.path))


def _missing_file(audited: AuditedUnit, path: str) -> str:
    """Solved notebook and release lie equally deep, so a relative link must hold for both."""
    unit = UNIT_FILE.search(path)
    if unit and path.startswith("../"):
        return "" if unit[1] in audited.course.units else f"course.toml has no unit {unit[1]}"
    if Path(path).is_absolute():
        return "an absolute path holds on one machine only"
    missing = [folder for folder in (audited.unit.solved.parent, audited.unit.release.parent)
               if not (folder / path).exists()]
    return "" if not missing else f"there is no such file beside {missing[0].parent.name}/{audited.unit.name}"


def _anchors(audited: AuditedUnit) -> set[str]:
    found = set()
    for cell in audited.solved.cells:
        if cell.cell_type == "markdown":
            found |= {slug(title) for title in HEADING.findall(cell.source)}
            found |= {slug(a or b) for a, b in ANCHOR.findall(cell.source)}
    return found


def slug(title: str) -> str:
    """One spelling for the anchors that JupyterLab ("The-DFT") and GitHub ("the-dft") make of a heading."""
    title = re.sub(r"[^\w\s-]", "", title.strip().casefold())
    return re.sub(r"[\s-]+", "-", title).strip("-")


def _answer(target: str) -> str:
    import urllib.error
    import urllib.request

    request = urllib.request.Request(target, headers={"User-Agent": "Mozilla/5.0 (course audit)"})
    try:
        with urllib.request.urlopen(request, timeout=ONLINE_SECONDS):
            return ""
    except urllib.error.HTTPError as error:
        # Publishers answer robots with 403 and 429: the page exists.
        return "" if error.code in (403, 405, 406, 418, 429) else f"answers {error.code}"
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        return f"does not answer ({getattr(error, 'reason', error)})"
