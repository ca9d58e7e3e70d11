"""The page holds the text, marks its names, lists them, and runs nothing of the text's."""

from __future__ import annotations

import io
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.runtime.documents import Document, Name
from ner_rnn.tagging.html import Html
from ner_rnn.tagging.stream import Source
from ner_rnn.tagging.writers import PICTURES


class Page(HTMLParser):
    """What a reader sees of a page."""

    def __init__(self, html: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(html.decode())
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        known = dict(attrs)
        self.ids += [value for value in [known.get("id")] if value]
        self.links += [value for value in [known.get("href")] if value]
        if tag != "meta":
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts[tag][-1] += data


def page(*tagged: tuple[Source, Document]) -> Page:
    file = io.BytesIO()
    writer = Html().writer(file)
    for one in tagged:
        writer.add(Html().render([one]))
    writer.close()
    return Page(file.getvalue())


def test_names_are_marked_and_listed_with_links() -> None:
    text = "Al met Bo\nLi. Al left."
    names = [Name(0, 2, "Al", 0.99), Name(7, 12, "Bo\nLi", 0.5), Name(14, 16, "Al", 0.9)]
    seen = page(
        (Source(0, "a.txt", ""), Document(text, names, 8)),
        (Source(1, "b.txt", ""), Document("Al", [Name(0, 2, "Al", 1.0)], 1)),
    )
    assert seen.texts["pre"] == ["\n" + text, "\nAl"]
    assert seen.texts["h2"] == ["a.txt", "b.txt"]
    assert seen.texts["mark"] == ["Al", "Bo\nLi", "Al", "Al"]
    assert seen.texts["li"] == ["3Al123", "1Bo Li1"]
    assert sorted(link.removeprefix("#") for link in seen.links) == sorted(seen.ids)
    assert len(set(seen.ids)) == 4
    assert seen.texts["p"] == ["2 different names, found 4 times in 9 words of 2 texts."]


def test_parts_and_rows_have_anchors_of_their_own() -> None:
    document = Document("Al", [Name(0, 2, "Al", 1.0)], 1)
    places = [
        Source(0, "a", "", offset=0), Source(0, "a", "", offset=9),
        Source(1, "b", "", line=2, id=5), Source(1, "b", "", line=3),
        Source(2, "c", "", "0"), Source(2, "c", "", "1"), Source(2, "c", "", "1", line=7),
    ]  # fmt: skip
    seen = page(*((source, document) for source in places))
    assert len(set(seen.ids)) == len(places)
    assert seen.texts["h2"][1:3] == ["a · from character 9", "b · 5"]


def test_only_so_many_links_a_name() -> None:
    names = [Name(3 * i, 3 * i + 2, "Al", 1.0) for i in range(99)]
    seen = page((Source(0, "a", ""), Document("Al " * 99, names, 99)))
    assert len(seen.links) == 12
    assert seen.texts["li"][0].endswith("12…")


@given(st.text(), st.text(), st.data())
def test_nothing_of_a_text_becomes_markup(text: str, path: str, data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(text)))
    document = Document(text, [Name(0, end, text[:end], 0.5)])
    seen = page((Source(0, path, "", id=path), document))
    plain = page((Source(0, "", ""), Document("x", [Name(0, 1, "x", 0.5)])))
    assert seen.tags == plain.tags
    assert seen.texts["pre"] == ["\n" + text.translate(PICTURES)]


def test_a_script_is_shown_not_run() -> None:
    text = "<script>alert(1)</script></pre><mark id='x'>"
    seen = page((Source(0, '"><script>', "", id="<b>"), Document(text, [Name(0, 8, text[:8], 1)])))
    assert "script" not in seen.tags
    assert seen.texts["pre"] == ["\n" + text]
