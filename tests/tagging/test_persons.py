"""Who is the same person: rather two persons taken for one name each than one for two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.tagging.persons import same_persons
from ner_rnn.tagging.surrogates.name_words import name_words


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        (["Ann Lee", "Bo", "LEE", "ann\nlee"], [1, 2, 1, 1]),
        (["Merkel", "Angela Merkel"], [1, 1]),  # the longer one may come later
        (["Ann Lee", "Bob Lee", "Lee"], [1, 2, 3]),  # whose it is cannot be told
        (["Van Nistelrooy", "Ruud van Nistelrooy", "Nistelrooy"], [1, 1, 1]),
        (["Ann B. Lee", "Ann Lee", "Ann"], [1, 2, 3]),
        (["Le", "Lee"], [1, 2]),
        ([" ".join("abcdefghijkl"), "a"], [1, 2]),
        (["Lindqvist, Anders", "Anders", "Anders Lindqvist"], [1, 1, 1]),
        (["Dr. Lee's", "Mrs Ann Lee", "Ann’s"], [1, 1, 1]),
        (["ROSALIND T. ABERNATHY", "Rosalind T Abernathy"], [1, 1]),
        (["J. Kowalski", "Jan Kowalski", "Kowalski"], [1, 1, 1]),
        (["J. Kowalski", "Jan Kowalski", "Joanna Kowalski"], [1, 2, 3]),
        (["J. R. Kowalski", "Jan Kowalski"], [1, 2]),
        (["Jan K.", "Jan Kowalski"], [1, 1]),
        (["J.", "Jan Kowalski"], [1, 2]),
        (["John Smith", "John Smith Jr.", "Smith"], [1, 2, 3]),
        (["John Smith, Jr.", "Smith"], [1, 1]),
        (["José Lima", "Jose Lima"], [1, 2]),  # accents count
        (["twojcik", "Tomasz Wójcik", "TomaszWojcik7", "tw"], [1, 1, 1, 2]),
        (["jsmith", "John Smith", "Jane Smith"], [1, 2, 3]),
        (["rajesh. kumar", "rajesh.kumar", "Rajesh Kumar"], [1, 1, 1]),
        (["Earl Warren", "Earl"], [1, 1]),  # a title that is a name
        (["@", "😀", "@"], [1, 2, 1]),
        (["王小明", "王"], [1, 2]),
    ],
)
def test_who_is_who(names: list[str], numbers: list[int]) -> None:
    mentions = same_persons(names)
    known: dict[tuple[str, ...], int] = {}
    assert [known.setdefault(mentions[name].person, len(known) + 1) for name in names] == numbers


@given(st.lists(st.text(alphabet="abcdé .,-'’王9", min_size=1), min_size=1))
def test_every_name_has_a_person_who_is_named_in_full(names: list[str]) -> None:
    mentions = same_persons(names)
    assert list(mentions) == list(dict.fromkeys(names))
    full = {tuple(word.key for word in found.words) for found in mentions.values()}
    for name, mention in mentions.items():
        assert mention.person in full or mention.person == (name.casefold(),)
        assert list(mention.words) == name_words(name)
        if not mention.handle:
            assert mention.first + len(mention.words) <= len(mention.person)
    # the order in which names are met does not matter
    again = same_persons(sorted(names))
    assert {name: found.person for name, found in again.items()} == {
        name: found.person for name, found in mentions.items()
    }


def test_words_are_where_they_stand() -> None:
    name = "Prof. O’Brien-SMITH's"
    [word] = name_words(name)
    assert (name[word.start : word.end], word.key) == ("O’Brien-SMITH", "o'brien-smith")
    assert [word.key for word in name_words("Dr.")] == ["dr"]
    assert [word.key for word in name_words("Kowalski, J. R.")] == ["j", "r", "kowalski"]
