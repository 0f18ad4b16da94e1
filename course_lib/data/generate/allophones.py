"""What becomes of a phone among its neighbours: the few allophones without which English words sound wrong.

    first in a word   a stop begins with its burst: nobody hears the closure before it
    last in a word    the burst of a stop is weak, its aspiration almost gone
    after /s/         a voiceless stop is not aspirated ("stop", not "s-top")
    /h/               has no place of its own: it is breath through the mouth of the vowel that follows

After P. Ladefoged, "A course in phonetics", 1975.
"""

from collections.abc import Sequence
from dataclasses import replace

from course_lib.data.generate.phones import STOPS, Phone

FINAL_BURST, FINAL_ASPIRATION, AFTER_S = 0.4, 0.3, 0.25


def in_context(names: Sequence[str], phones: Sequence[Phone]) -> list[Phone]:
    """The phones of a word as they are said in it.

    Args:
        names: of the phones.
        phones: as they are said alone.
    """
    said = list(phones)
    last = len(said) - 1
    for i, name in enumerate(names):
        if name == "HH" and i < last:
            said[i] = replace(said[i], formants=said[i + 1].formants)
        if name not in STOPS:
            continue
        if i > 0 and names[i - 1] == "S":
            said[i] = _scaled(said[i], burst=1.0, aspiration=AFTER_S)
        if i == last and i > 0:
            said[i] = _scaled(said[i], burst=FINAL_BURST, aspiration=FINAL_ASPIRATION)
        if i == 0:
            said[i] = _without_closure(said[i])
    return said


def _scaled(stop: Phone, *, burst: float, aspiration: float) -> Phone:
    parts = (
        replace(part, frication=part.frication * burst, aspiration=part.aspiration * aspiration)
        for part in stop.parts
    )
    return replace(stop, parts=tuple(parts))


def _without_closure(stop: Phone) -> Phone:
    closure, *rest = stop.parts
    kept = 1 - closure.share
    parts = tuple(replace(part, share=part.share / kept) for part in rest)
    return replace(stop, duration=stop.duration * kept, parts=parts)
