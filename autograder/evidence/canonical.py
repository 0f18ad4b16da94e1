"""One spelling for each JSON value, so that it can be hashed and sealed."""

import hashlib
import hmac
import json
from typing import Any


def canonical(value: Any) -> bytes:
    """`value` as ASCII JSON with sorted keys and no spaces; a lone surrogate of a student's text survives.

    Raises:
        ValueError: it holds NaN or an infinity, which JSON has not.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def sha256_of(value: Any) -> str:
    """SHA-256 of the canonical form."""
    return hashlib.sha256(canonical(value)).hexdigest()


def seal_of(key: bytes, value: Any) -> str:
    """HMAC-SHA-256 of the canonical form."""
    return hmac.new(key, canonical(value), hashlib.sha256).hexdigest()


def is_sealed(key: bytes, value: Any, seal: Any) -> bool:
    """Whether `seal` was made with `key` for this very value."""
    return isinstance(seal, str) and hmac.compare_digest(seal_of(key, value).encode(), seal.encode("utf-8", "replace"))
