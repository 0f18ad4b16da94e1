"""How values cross between the grader and a student's process: a JSON header and raw buffers, nothing that runs.

A message is 4 bytes (length of the header, little-endian), the header (UTF-8 JSON: `{"v": tree, "b": [sizes]}`), then
the buffers end to end. The tree holds null, true, false, numbers, short strings and lists as themselves, and every
other value as an object with one key, its tag:

    {"t": [...]} tuple            {"o": {...}} dict with text as keys, {"d": [k, v, k, v...]} with other keys
    {"c": [re, im]} complex       {"z": "-1f"} large int
    {"s": i} long str             {"b": i} bytes                  {"f": i}, {"i": i} lists of floats, of 64-bit ints
    {"a": [dtype, shape, i]}      {"g": [dtype, i]} numpy scalar  {"T": [dtype, shape, i]} torch tensor

where i counts buffers. Towards the student arrays and tensors may carry strides, tensors whether they need a gradient,
and {"D": name} is a torch dtype; from the student these are refused.
"""

from dataclasses import dataclass

INLINE_TEXT = 256
"""Longer strings travel as buffers, so that the header holds structure only."""
PACKED_FROM = 16
"""Lists of so many floats (or integers) travel as one buffer."""
MAX_INT_BITS = 1_200_000


class WireError(ValueError):
    """A message breaks the format or a bound: whoever sent it did not use this codec."""


class TooLarge(WireError):
    """A value breaks a bound on size; the message can be shown to a student ("takes 1.2 GiB, at most ...")."""


@dataclass(frozen=True)
class Bounds:
    """What a receiver accepts, checked before anything is allocated.

    Args:
        total_bytes: of the message.
        header_bytes: of the JSON part.
        items: values outside of arrays, counted as structural characters of the header and as entries of packed lists.
        depth: levels of lists, tuples and dicts.
    """

    total_bytes: int = 256 << 20
    header_bytes: int = 16 << 20
    items: int = 2_000_000
    depth: int = 24
