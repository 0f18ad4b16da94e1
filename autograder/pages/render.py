"""Jinja templates with everything escaped, a policy that forbids scripts, and the common style sheet."""

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from autograder.pages.text import clip, inline_code, plain

__all__ = ["render"]


def render(package: str, template: str, /, **values: object) -> str:
    """The page made of `templates/<template>` of `package`, an HTML document that loads nothing and runs nothing.

    Every text that a template prints passes `plain` and is escaped.
    """
    style = files("autograder.pages").joinpath("templates/base.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    page = _environment(package).get_template(template).render(style=Markup(style), policy=policy, **values)
    # Lone surrogates cannot be written as UTF-8; `plain` has replaced those of texts, this holds for all that is left.
    return page.encode("utf-8", "replace").decode("utf-8")


@cache
def _environment(package: str) -> Environment:
    loader = ChoiceLoader([PackageLoader(package), PackageLoader("autograder.pages")])
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, finalize=_finalize,
                              trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"points": points, "prose": inline_code, "size": size, "duration": duration,
                            "brief": lambda text: clip(text, 80, 1)}
    return environment


def _finalize(value: object) -> object:
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def points(value: float | None) -> str:
    """A score as people write it: 2, 1.5, 0.33; – where there is none yet."""
    return "–" if value is None else f"{round(float(value), 2):g}"


def size(count: float) -> str:
    """Bytes in words."""
    for unit in ("bytes", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def duration(seconds: float) -> str:
    """A time span in words, to two units: 45 s, 3 min, 2 h 5 min, 3 days 4 h."""
    if seconds < 90:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    unit = "day" if days == 1 else "days"
    return f"{days} {unit} {hours} h" if hours else f"{days} {unit}"
