"""Words become a text whose offsets lead back to them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.runtime.documents import Document, TokenizedText
from ner_rnn.text.tokenize import tokenize


@given(st.lists(st.lists(st.text(min_size=1))))
def test_every_joined_word_is_where_its_offsets_say(sentences: list[list[str]]) -> None:
    cut = TokenizedText.join(sentences)
    assert [[cut.text[start:end] for start, end in row] for row in cut.sentences] == sentences
    assert len(cut.text) <= sum(len(word) + 1 for row in sentences for word in row) + len(sentences)


def test_words_are_those_given_or_those_of_the_tokenizer() -> None:
    cut = TokenizedText.join([["New York", "'s"], [], ["J.", "Smith"]])
    assert cut.text == "New York 's\n\nJ. Smith"
    assert list(Document(cut.text, offsets=cut.sentences).sentences()) == cut.sentences
    assert list(Document("J. Smith's. He").sentences()) == tokenize("J. Smith's. He")
