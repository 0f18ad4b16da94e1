"""Every figure has words: alt text in the calls of the source, and in the pictures that the solved run left."""

import ast
import re

from nbformat import NotebookNode

from autograder.audit.subject import AuditedUnit

IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
ALT = re.compile(r"""\balt\s*=\s*(?:"\s*[^"\s]|'\s*[^'\s])""", re.IGNORECASE)
MARKDOWN_IMAGE = re.compile(r"!\[\s*\]\(")
MEND = 'ui.show(fig, alt="what there is to see")'


def judge_figures(audited: AuditedUnit) -> None:
    """Fail on `ui.show` without alt text, on `plt.show()`, and on images in the prose without alt text."""
    for cell in audited.solved.cells:
        line = cell.metadata.get("course", {}).get("line")
        if line is None:
            continue
        if cell.cell_type == "markdown":
            if MARKDOWN_IMAGE.search(cell.source) or any(not ALT.search(tag) for tag in IMAGE.findall(cell.source)):
                audited.report.fail("alt text", "an image in the prose has no alt text", file=audited.unit.source,
                                    line=line, mend="![what there is to see](path)")
            continue
        for call, message in _silent_calls(cell.source):
            audited.report.fail("alt text", message, file=audited.unit.source, line=line + call.lineno, mend=MEND)


def _silent_calls(source: str):
    from IPython.core.inputtransformer2 import TransformerManager

    for node in ast.walk(ast.parse(TransformerManager().transform_cell(source))):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name in ("plt.show", "fig.show"):
            yield node, f"{name}() shows a figure without alt text"
        if name == "ui.show":
            alt = next((k.value for k in node.keywords if k.arg == "alt"), node.args[1] if len(node.args) > 1 else None)
            if alt is None or (isinstance(alt, ast.Constant) and not str(alt.value or "").strip()):
                yield node, "ui.show without alt text"


def judge_pictures(audited: AuditedUnit, executed: NotebookNode) -> None:
    """Fail on a picture among the outputs that has no alt text."""
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            if not _has_words(output):
                first = next((line for line in cell.source.splitlines() if line.strip()), "")
                audited.report.fail("alt text", "a picture that this cell leaves has no alt text",
                                    file=audited.unit.source, line=audited.line_of(first), mend=MEND)


def _has_words(output: NotebookNode) -> bool:
    data, metadata = output.get("data", {}), output.get("metadata", {})
    html = "".join(data.get("text/html", ""))
    if any(not ALT.search(tag) for tag in IMAGE.findall(html)):
        return False
    in_html = bool(IMAGE.search(html))
    pictures = [kind for kind in data if kind.startswith("image/")]
    return in_html or all(str(metadata.get(kind, {}).get("alt", "")).strip() for kind in pictures)
