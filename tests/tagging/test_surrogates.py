"""Surrogates have the form of the names, are those of one person everywhere, and of nobody else."""

from __future__ import annotations

import lzma
import os
import pickle
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ner_rnn.errors import ConfigError, FileError
from ner_rnn.shipped import EMBEDDED
from ner_rnn.tagging.persons import same_persons
from ner_rnn.tagging.redact import redacted
from ner_rnn.tagging.surrogates.cultures import cultures
from ner_rnn.tagging.surrogates.drawing import Drawing, without_accents
from ner_rnn.tagging.surrogates.name_lists import NameLists, default_lists, plain, script_of
from ner_rnn.tagging.surrogates.name_parts import name_parts
from ner_rnn.tagging.surrogates.people import Surrogates
from ner_rnn.tagging.surrogates.secret_key import read_key

from .made_up_documents import named

KEY = b"sixteen bytes are enough"
LISTS = default_lists()


def made(*names: str, key: bytes = KEY, encoding: str = "utf-8") -> list[str]:
    found = Surrogates(key, encoding).names(same_persons(names))
    return [found[name] for name in names]


def test_parts_of_a_name_are_those_of_the_surrogate() -> None:
    full, last, first, turned, loud, initial, handle, own = made(
        "Angela Merkel", "Merkel", "angela", "Merkel, Angela", "MERKEL", "A. Merkel", "amerkel",
        "Merkel's",
    )  # fmt: skip
    given, family = full.split()
    assert {given.lower(), family.lower()}.isdisjoint({"angela", "merkel"})
    assert (last, first, turned, loud) == (
        family, given.lower(), f"{family}, {given}", family.upper(),
    )  # fmt: skip
    assert (initial, own) == (f"{given[0]}. {family}", f"{family}'s")
    assert handle == without_accents(given[0] + family).lower().replace("'", "")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("J. R. Pettigrew", r"[A-Z]\. [A-Z]\. [A-Z][a-z]+[A-Z]?[a-z]+"),
        ("ROSALIND T. ABERNATHY", r"[A-Z']{3,} [A-Z]\. [A-Z']{3,}"),
        ("rajesh.kumar", r"[a-z]{3,}\.[a-z']{3,}"),
        ("Dr. Ludwig van Beethoven", r"Dr\. \w+ van \w+"),
        ("Fatima Al-Sayed", r"\w+ Al-\w+"),
        ("Hyun-woo Park", r"[A-Z][a-z]+-[a-z]+ [A-Z][a-z]+"),
        ("Aoife O’Brien-Smith", r"\w+ \w+['’]\w+-[\w']+"),
        ("John Smith Jr.", r"\w+ [\w']+ Jr\."),
        ("JFK", r"[A-Z]{3}"),
        ("jsmith42", r"[a-z]+[0-9]{2}"),
        ("Иван Петров", r"[\u0400-\u04ff]{2,} [\u0400-\u04ff]{2,}"),
        ("王小明", r"[\u4e00-\u9fff]{2,}"),
        ("김민준", r"[\uac00-\ud7a3]{2,}"),
        ("प्रिया शर्मा", r"[\u0900-\u097f\u200c\u200d]+ [\u0900-\u097f\u200c\u200d]+"),
        ("Rogers'", r"[A-Z]\w+(s'|[^s]'s)"),
        ("Ann  \n Lee", r"\w{3,}  \n [\w']{3,}"),
    ],
)
def test_form(name: str, form: str) -> None:
    for number in range(20):
        [new] = made(name, key=KEY + bytes([number]))
        assert re.fullmatch(form, new), new
        assert plain(new) != plain(name)


@pytest.mark.parametrize(
    ("person", "culture", "gender"),
    [
        (("tomasz", "wójcik"), "slavic", "M"),
        (("priya", "sharma"), "indian", "F"),
        (("pablo", "garcía"), "spanish", "M"),
        (("kwame", "mensah"), "ghanaian", "M"),
        (("wilhelmina", "jones"), "english", "F"),
    ],
)
def test_culture_and_gender_are_told_by_lists(
    person: tuple[str, ...], culture: str, gender: str
) -> None:
    drawn = [Drawing(KEY + bytes([number]), person, LISTS).draw() for number in range(30)]
    assert len({tuple(name) for name in drawn}) > 25
    for first, last in drawn:
        assert LISTS.gender(plain(first)) == gender
        known = LISTS.cultures_of(last, given=False) | LISTS.cultures_of(first, given=True)
        assert culture in known


@pytest.mark.parametrize(
    ("person", "parts"),
    [
        (("angela", "merkel"), ["given", "family"]),
        (("j", "r", "de", "vries"), ["initial", "initial", "kept", "family"]),
        (("nguyễn", "thị", "minh"), ["family", "given", "given"]),
        (("hyun-woo", "park"), ["given", "family"]),
        (("kim", "basinger"), ["given", "family"]),
        (("josé", "álvarez", "núñez"), ["given", "family", "family"]),
        (("john", "smith", "jr"), ["given", "family", "kept"]),
        (("ben", "stiller"), ["given", "family"]),
        (("anders", "l"), ["given", "initial"]),
        (("smith",), ["family"]),
        (("maria",), ["given"]),
        (("de",), ["given"]),
        (("a",), ["initial"]),
    ],
)
def test_parts(person: tuple[str, ...], parts: list[str]) -> None:
    found: list[str] = list(name_parts(person, LISTS))
    assert found[0] in ("given", "family") if person == ("de",) else found == parts


def test_the_key_and_the_person_alone_tell_the_surrogate() -> None:
    people = ["Angela Merkel", "Kwame Mensah", "Zoë", "J. Kowalski"]
    assert made(*people) == [made(name)[0] for name in people] == made(*people)
    assert made(*reversed(people)) == made(*people)[::-1]
    assert all(a != b for a, b in zip(made(*people), made(*people, key=b"k" * 16), strict=True))
    same = pickle.loads(pickle.dumps(Surrogates(KEY)))
    assert same.names(same_persons(people)) == dict(zip(people, made(*people), strict=True))
    # what the key gives does not change with versions of Python, machines or processes
    assert made("Angela Merkel", "Kwame Mensah") == PINNED
    one, other = Surrogates(), Surrogates()
    assert one.key != other.key
    assert one.key.hex() not in repr(one)
    assert str(one.key) not in repr(one)


PINNED = ["Ayse Tamsma", "Akwasi Tawia"]


names = st.lists(
    st.sampled_from(
        """Ann;Bob;Lee;Smith;Maria Silva;M. Silva;J. Smith;John Smith;Mary Smith;李;王小明;7;A;B
        @;de;Иван;O'Neil;jsmith;Al-Sayed;JFK;Dr. Who;x9;Ibarra-Quinn;Nguyễn Minh;von der Leyen
        """.replace("\n", ";").split(";")[:-1]
    ).map(str.strip),
    min_size=1,
    unique=True,
)


@settings(deadline=None)
@given(names, st.binary(min_size=16, max_size=16))
@example(  # O'Quinn beside Quinn
    ["Ann", "Bob", "Lee", "O'Neil", "Smith", "Ibarra-Quinn"],
    b"\x00\x01\x00\x03\x1a5\x01-!\x0ci\x01\xb0\x01\x00\x1d",
)
def test_two_persons_are_two_and_none_is_a_real_one(people: list[str], key: bytes) -> None:
    mentions = same_persons(people)
    new = Surrogates(key).names(mentions)
    persons = {mention.person: new[name] for name, mention in mentions.items()
               if len(mention.words) == len(mention.person)}  # fmt: skip
    assert len(set(persons.values())) == len(persons)
    real = {plain(word) for name in people for word in re.findall(r"\w{2,}", name)}
    kept = {"de", "von", "der", "al", "dr"}
    for surrogate in new.values():
        assert real.isdisjoint(set(map(plain, re.findall(r"\w{2,}", surrogate))) - kept)


def test_many_people_of_one_document_stay_apart() -> None:
    given = LISTS.draw_from("english", "LATIN", given=True, gender="M")
    people = [*given, *"ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    new = made(*people)
    assert len(set(new)) == len(people)
    assert not set(new) & set(given)


def test_what_the_encoding_cannot_write_has_no_accents() -> None:
    [name] = made("Łukasz Wójcik", encoding="ascii")
    assert name.isascii()
    for number in range(30):
        assert made("Tomasz Kowalczyk", key=KEY + bytes([number]))[0].isascii()


def test_text_around_names_is_left_alone() -> None:
    document = named("Zoë met\r\nJosé Lima; Zoë left.", "Zoë", "José Lima", "Zoë")
    new = redacted(document, Surrogates(KEY))
    zoe, jose, again = (name.text for name in new.names)
    assert new.text == f"{zoe} met\r\n{jose}; {again} left."
    assert zoe == again


def test_lists_without_a_name_of_the_form_are_an_error() -> None:
    with pytest.raises(ConfigError, match="the lists have no given name in Ethiopic script"):
        made("አበበ በቀለ")
    few = NameLists([("Ana", "ES")], [])
    with pytest.raises(ConfigError, match="the lists have no family name in Latin script"):
        Surrogates(KEY, lists=few).names(same_persons(["Olga Smith"]))


def test_genders_are_those_of_faker() -> None:
    """``genders.txt.xz``: a line for each of ``faker_first.tsv.xz``."""
    lines = [
        lzma.decompress((EMBEDDED / name).read_bytes()).decode().splitlines()
        for name in ("names/faker_first.tsv.xz", "genders.txt.xz")
    ]
    assert len(lines[0]) == len(lines[1])
    told = dict(zip((line.partition("\t")[0] for line in lines[0]), lines[1], strict=True))
    assert {told[name] for name in ("Mary", "Wilhelmina", "Priya")} == {"F"}
    assert {told[name] for name in ("Robert", "Tomasz", "Kwame")} == {"M"}
    assert told["Andrea"] == ""
    assert set(told.values()) == {"F", "M", ""}


def test_every_culture_has_names_to_draw() -> None:
    for culture in cultures():
        for is_given in (True, False):
            assert len(LISTS.draw_from(culture, "LATIN", given=is_given)) >= 20
    drawn = LISTS.draw_from("english", "LATIN", given=False)
    assert {"Smith", "Mary", "John"}.isdisjoint(drawn)
    assert {"LATIN"} == set(map(script_of, drawn))


def test_a_key_is_any_bytes_that_nobody_else_may_read(tmp_path: Path) -> None:
    path = tmp_path / "a key"
    with pytest.raises(FileError, match=r"there is no key .*: make one: head -c 32 /dev/urandom"):
        read_key(path)
    path.write_bytes(bytes(range(240, 256)))
    path.chmod(0o600)
    assert read_key(path) == bytes(range(240, 256))
    path.write_bytes(b"fifteen bytes..")
    with pytest.raises(FileError, match=r"has 15 bytes: it must have 16 to 1,048,576: make one"):
        read_key(path)
    path.write_bytes(bytes(1 << 21))
    with pytest.raises(FileError, match="has more than 1,048,576 bytes"):
        read_key(path)
    with pytest.raises(FileError, match="is a folder"):
        read_key(tmp_path)
    if os.name == "posix":
        for mode in (0o640, 0o604, 0o620):
            path.chmod(mode)
            with pytest.raises(FileError, match=rf"others may read the key .*mode {mode:o}"):
                read_key(path)
