"""Every case by its name."""

from roster import honest, modules, notebooks, objects, patches, snooping, violence, wire
from roster.case import START, STFT, TASNET, TOKEN, ZERO, Case, Kit

__all__ = ["CASES", "NEEDS_SANDBOX", "START", "STFT", "TASNET", "TOKEN", "ZERO", "Case", "Kit"]

PARTS = (objects, patches, snooping, wire, violence, modules, notebooks, honest)
CASES: dict[str, Case] = {case.name: case for part in PARTS for case in part.CASES}
NEEDS_SANDBOX = {case.name for part in (snooping, violence, wire) for case in part.CASES} | {
    "shell_cell", "shell_lines", "sparse_tensor", "wild_strides", "long_text"
}
"""Never run without a sandbox: they would reach for this machine."""
if len(CASES) != sum(len(part.CASES) for part in PARTS):
    raise ValueError("two cases share a name")
