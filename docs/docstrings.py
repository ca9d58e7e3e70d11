"""Docstrings as the site shows them (an extension of Griffe, named in ``mkdocs.yml``).

Doctest lines become code blocks wherever they stand, and Sphinx roles become plain code.
"""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension, Object

__all__ = ["Docstrings", "as_markdown"]

_ROLE = re.compile(r":(?:func|class|meth|data|mod|attr):`~?([^`]+)`")
_DOCTEST = re.compile(r"^([ ]*)>>> .*(?:\n\1(?!\s*$).+)*", re.MULTILINE)


class Docstrings(Extension):  # type: ignore[misc]
    """Rewrites the docstring of every object once it is loaded."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """Rewrite the docstring of an object."""
        if obj.docstring:
            obj.docstring.value = as_markdown(obj.docstring.value)


def as_markdown(text: str) -> str:
    """Return a docstring with fenced doctests and without Sphinx roles."""

    def fenced(found: re.Match[str]) -> str:
        indent = found[1]
        return f"{indent}```pycon\n{found[0]}\n{indent}```"

    return _ROLE.sub(r"`\1`", _DOCTEST.sub(fenced, text))
