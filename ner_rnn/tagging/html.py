"""Documents with names -> one HTML page that stands alone: no script, no other file.

The names are marked in the text, and listed with links to where they stand. Whatever comes from a
text or a file's name is escaped. The page follows the reader's choice of light or dark, and prints
in black on white. Memory grows with the number of distinct names alone: the list is written last,
and put first by the style.
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

_LINKS = 12  # places of a name that the list links to
_LISTED = 5000  # names in the list
_UNSURE = 0.8  # names of a lower score are underlined by dots

_HEAD = """\
<!DOCTYPE html>
<html lang="und">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Names</title>
<style>
:root { --ink: #1b1b1f; --page: #fff; --soft: #5c5f66; --line: #d9dbe0; --mark: #ffe480;
  --edge: #8a6a00; --link: #0b57a4; --mark-ink: #1b1b1f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e4e7; --page: #17181c; --soft: #a2a5ad;
  --line: #36383f; --mark: #5a4a10; --edge: #e0b93c; --link: #8ab8f0; --mark-ink: #fff3c9; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem; display: grid; gap: 0 2.5rem;
  grid-template-columns: minmax(0, 1fr) 20rem; grid-template-rows: auto 1fr;
  color: var(--ink); background: var(--page); font: 1rem/1.6 system-ui, sans-serif; }
main { grid-column: 1; grid-row: 1 / span 2; min-width: 0; }
nav { grid-column: 2; grid-row: 1; position: sticky; top: 0; max-height: 100vh; overflow-y: auto;
  align-self: start; padding-bottom: 1rem; font-size: .9rem; }
h1, h2 { font-size: 1rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
main h2 { color: var(--soft); font-weight: 600; border-bottom: 1px solid var(--line); }
section { margin-bottom: 2rem; }
pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; tab-size: 4; }
mark { color: var(--mark-ink); background: var(--mark); border-radius: .2em; padding: 0 .15em;
  border-bottom: 2px solid var(--edge); scroll-margin: 30vh; }
mark.unsure { border-bottom-style: dotted; }
mark:target { outline: 3px solid var(--link); }
p { margin: 0 0 1rem; color: var(--soft); }
ol { list-style: none; margin: 0; padding: 0; }
li { display: grid; grid-template-columns: 3.2rem minmax(0, 1fr); gap: 0 .6rem; padding: .25rem 0;
  border-top: 1px solid var(--line); }
li b { text-align: right; font-variant-numeric: tabular-nums; font-weight: 400;
  color: var(--soft); }
li span { overflow-wrap: anywhere; }
li small { grid-column: 2; color: var(--soft); }
a { color: var(--link); margin-right: .35em; }
@media (max-width: 55rem) { body { display: flex; flex-direction: column; } nav { order: -1;
  position: static; max-height: 40vh; margin-bottom: 1.5rem;
  border-bottom: 2px solid var(--line); } }
@media print { :root { --ink: #000; --page: #fff; --soft: #333; --line: #999; --mark: #fff;
  --edge: #000; --link: #000; --mark-ink: #000; } body { display: block; max-width: none;
  padding: 0; font-size: 10pt; } nav { position: static; max-height: none; overflow: visible;
  columns: 2; page-break-before: always; } nav small { display: none; } mark { font-weight: 700; }
  li { break-inside: avoid; } }
</style>
</head>
<body>
<main>
"""


class _Part(NamedTuple):
    html: str
    texts: int
    words: int
    places: dict[str, tuple[int, list[str]]]


@dataclass(frozen=True, slots=True)
class Html:
    """A page to read and to print."""

    ending: str = ".html"

    def render(self, tagged: Tagged) -> _Part:
        """Mark the names of some documents."""
        places: dict[str, tuple[int, list[str]]] = {}
        html = "".join(
            piece for source, document in tagged for piece in _section(source, document, places)
        )
        words = sum(document.words for _, document in tagged)
        return _Part(html, len(tagged), words, places)

    def writer(self, file: BinaryIO) -> Writer:
        """Begin a page."""
        return _Page(file)


def _section(
    source: Source, document: Document, places: dict[str, tuple[int, list[str]]]
) -> Iterator[str]:
    # Unlike any other text's: the line alone may be shared by two files, or by two parts.
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
        self._write(_HEAD)

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
