"""Templates of the package -> Markdown and HTML; the one place where text is escaped.

Whatever a template prints is escaped for its format: text, whole numbers (with separators), None (a
dash). What is Markdown or HTML already is a ``Markup``.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ner_rnn.text.report_table import DASH, Table, clean, escape_markdown, shown, to_markdown, typed

__all__ = ["Markup", "asset", "render"]

_UNDEFINED = Markup('<span class="none" title="undefined">{}</span>').format(DASH)


def render(template: str, **values: Any) -> str:
    """Return a template of ``ner_rnn/templates`` filled in.

    Args:
        template: name of a file; its ending, ``.html``, ``.md`` or ``.txt``, decides how text is
            escaped.
        values: what the template names.
    """
    return _environment(template.rpartition(".")[2]).get_template(template).render(**values)


def asset(*names: str) -> Markup:
    """Return files of ``ner_rnn/templates`` as they are, one after the other."""
    folder = resources.files("ner_rnn") / "templates"
    return Markup("\n".join((folder / name).read_text(encoding="utf-8") for name in names))


@cache
def _environment(ending: str) -> Environment:
    made = Environment(
        loader=PackageLoader("ner_rnn"),
        autoescape=ending == "html",
        finalize={"html": _html, "md": _markdown, "txt": _text}[ending],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals["asset"] = asset
    made.filters |= {"typed": typed, "code": _code}
    return made


def _code(text: str) -> Markup:
    """Return text as code in Markdown."""
    return Markup(f"`` {' '.join(clean(text).replace('`', chr(39)).split())} ``")


def _html(value: object) -> object:
    """Return what autoescape is to escape."""
    if value is None:
        return _UNDEFINED
    if isinstance(value, Markup):
        return value
    return clean(shown(value) if isinstance(value, int) else str(value))


def _markdown(value: object) -> str:
    if isinstance(value, Markup):
        return value
    if isinstance(value, Table):
        return to_markdown(value)
    return escape_markdown(_text(value))


def _text(value: object) -> str:
    return shown(value) if isinstance(value, int | None) else str(value)
