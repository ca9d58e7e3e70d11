"""Documents with names -> one self-contained HTML page without scripts.

Names are marked in the text and listed with links to their occurrences. Texts and file names are
escaped. The page follows the light or dark theme of the reader and prints in black on white. The
list is written last and shown first by the style, so that memory grows only with the number of
distinct names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import BinaryIO, NamedTuple

from ner_rnn.runtime.documents import Document
from ner_rnn.tagging.distinct import distinct
from ner_rnn.tagging.stream import Source
from ner_rnn.tagging.writers import Tagged, Writer, pictured

__all__ = ["Html"]

_LINKS = 12  # links to occurrences of a name
_LISTED = 5000  # names in the list
_UNSURE = 0.8  # names of a lower score are underlined by dots

_HEAD = "templates/names.html"  # everything before the texts


class _Part(NamedTuple):
    html: str
    texts: int
    words: int
    places: dict[str, tuple[int, list[str]]]


@dataclass(frozen=True, slots=True)
class Html:
    """Output format: a page to read and to print."""

    ending: str = ".html"

    def render(self, tagged: Tagged) -> _Part:
        """Return the HTML of documents with their names marked."""
        places: dict[str, tuple[int, list[str]]] = {}
        html = "".join(
            piece for source, document in tagged for piece in _section(source, document, places)
        )
        words = sum(document.words for _, document in tagged)
        return _Part(html, len(tagged), words, places)

    def writer(self, file: BinaryIO) -> Writer:
        """Return a writer of a page."""
        return _Page(file)


def _section(
    source: Source, document: Document, places: dict[str, tuple[int, list[str]]]
) -> Iterator[str]:
    # Unique to each text: two files, or two parts of a text, may share a line number.
    prefix = f"n{source.file}-{source.line}-{source.document or source.offset or 0}"
    parts = ["standard input" if source.path == "-" else source.path]
    parts += [source.document, "" if source.id is None else str(source.id)]
    parts += [f"from character {source.offset:,}"] if source.offset else []
    yield f"<section>\n<h2>{_safe(' · '.join(part for part in parts if part))}</h2>\n"
    yield '<pre dir="auto">\n'
    position = 0
    for number, name in enumerate(document.names, start=1):
        anchor = f"{prefix}-{number}"
        count, links = places.setdefault(distinct(name), (0, []))
        places[distinct(name)] = count + 1, links
        if len(links) < _LINKS:
            links.append(anchor)
        unsure = ' class="unsure"' if name.score < _UNSURE else ""
        yield _safe(document.text[position : name.start])
        yield f'<mark id="{anchor}"{unsure} title="{100 * name.score:.1f} %">'
        yield f"{_safe(name.text)}</mark>"
        position = name.end
    yield f"{_safe(document.text[position:])}</pre>\n</section>\n"


def _safe(text: str) -> str:
    return escape(pictured(text))


class _Page:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: dict[str, tuple[int, list[str]]] = {}
        self._texts = self._words = 0
        from pkgutil import get_data  # not at start: most outputs are no page

        file.write(get_data("ner_rnn", _HEAD) or b"")

    def add(self, part: _Part) -> None:
        self._write(part.html)
        self._texts += part.texts
        self._words += part.words
        for name, (count, links) in part.places.items():
            before, known = self._places.get(name, (0, []))
            self._places[name] = before + count, (known + links)[:_LINKS]

    def close(self) -> None:
        ordered = sorted(self._places.items(), key=lambda item: -item[1][0])
        names = sum(count for count, _ in self._places.values())
        texts = "1 text" if self._texts == 1 else f"{self._texts:,} texts"
        self._write("</main>\n<nav>\n<h1>Names</h1>\n")
        self._write(
            f"<p>{len(ordered):,} different names, found {names:,} times in {self._words:,} words "
            f"of {texts}.</p>\n<ol>\n"
        )
        for name, (count, links) in ordered[:_LISTED]:
            shown = "".join(
                f'<a href="#{link}">{number}</a>' for number, link in enumerate(links, 1)
            )
            more = "…" if count > len(links) else ""
            self._write(
                f"<li><b>{count:,}</b><span>{_safe(name)}</span><small>{shown}{more}</small></li>\n"
            )
        self._write("</ol>\n")
        if len(ordered) > _LISTED:
            self._write(f"<p>and {len(ordered) - _LISTED:,} rarer ones</p>\n")
        self._write("</nav>\n</body>\n</html>\n")

    def _write(self, html: str) -> None:
        self._file.write(html.encode("utf-8", "backslashreplace"))
