"""Every case by its name."""

from roster import honest, modules, notebooks, objects, patches, snooping, violence, wire
from roster.case import START, STFT, TASNET, ZERO, Case, Kit

__all__ = ["CASES", "START", "STFT", "TASNET", "ZERO", "Case", "Kit"]

CASES: dict[str, Case] = {
    case.name: case
    for part in (objects, patches, snooping, wire, violence, modules, notebooks, honest)
    for case in part.CASES
}
assert len(CASES) == sum(len(p.CASES) for p in (objects, patches, snooping, wire, violence, modules, notebooks, honest)), (
    "two cases share a name")
