"""Names are replaced, all else stays, and the same person keeps the same number."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.runtime.documents import Document, Name
from ner_rnn.tagging.redact import PSEUDONYMS, became, redacted

from .made_up_documents import named


def test_every_name_is_replaced_and_found_again() -> None:
    document = named("Zoë met\r\nJosé Lima; Zoë left.", "Zoë", "José Lima", "Zoë", words=7)
    new = redacted(document, "[NAME]")
    assert new.text == "[NAME] met\r\n[NAME]; [NAME] left."
    assert [new.text[name.start : name.end] for name in new.names] == ["[NAME]"] * 3
    assert (new.names[0].score, new.words) == (0.98765, 7)
    assert redacted(Document("Nobody."), "[NAME]").text == "Nobody."
    assert redacted(document, "").text == " met\r\n;  left."
    assert redacted(document, PSEUDONYMS).text == "PERSON 1 met\r\nPERSON 2; PERSON 1 left."
    assert redacted(document, "<{n}/{n}>").text.startswith("<1/1> met")


@given(st.text(), st.lists(st.integers(0, 20)), st.sampled_from(["[N]", "", "P {n}"]))
def test_what_is_between_names_is_left_alone(text: str, cuts: list[int], new: str) -> None:
    places = sorted({cut for cut in cuts if cut <= len(text)})
    spans = list(zip(places[::2], places[1::2], strict=False))
    names = [Name(start, end, text[start:end], 1.0) for start, end in spans]
    found = redacted(Document(text, names), new)
    before = [a.end for a in [Name(0, 0, "", 0), *names]]
    gaps = [text[a:b] for a, b in zip(before, [*(n.start for n in names), len(text)], strict=True)]
    ends = [a.end for a in [Name(0, 0, "", 0), *found.names]]
    left = [*(n.start for n in found.names), len(found.text)]
    assert [found.text[a:b] for a, b in zip(ends, left, strict=True)] == gaps


def test_who_became_whom_is_listed_once() -> None:
    document = named("Zoë met A. Lima, Ana Lima and Zoë.", "Zoë", "A. Lima", "Ana Lima", "Zoë")
    assert became(document, redacted(document, PSEUDONYMS)) == [
        ("Zoë", "Zoë", "PERSON 1"),
        ("Ana Lima", "A. Lima", "PERSON 2"),
        ("Ana Lima", "Ana Lima", "PERSON 2"),
    ]
