"""Column files in and out, as users have them."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ner_rnn.errors import ConfigError, CorpusError, FileError
from ner_rnn.text.conll import Sentence, read_conll
from ner_rnn.text.files import read_blocks, read_lines

calm = settings(deadline=None, max_examples=60)  # a busy machine is no fault
FIXTURES = Path(__file__).parents[1] / "fixtures" / "conll"
SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def made(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Write a file and give its path."""

    def make(content: str | bytes) -> Path:
        path = tmp_path / "made.bio"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


def pairs(path: Path, **options: int) -> list[list[tuple[str, str]]]:
    return [list(zip(s.tokens, s.tags, strict=True)) for s in read_conll(path, **options)]


def test_four_columns_by_spaces_with_documents() -> None:
    first, second = read_conll(FIXTURES / "eng.train")
    assert first == Sentence(
        tokens=("Maria", "Silva", "Anna", "met", "Bosch", "."),
        tags=("I-PER", "I-PER", "B-PER", "O", "I-ORG", "O"),
        document="0",
        lines=(3, 4, 5, 6, 7, 8),
    )
    assert (second.tokens, second.document, second.lines) == (("Oslo",), "1", (12,))


def test_a_line_with_a_tab_is_split_on_tabs_alone() -> None:
    first, second = pairs(FIXTURES / "tabs.bio")
    assert first == [("Jean-Luc", "B-PER"), ("de la Croix", "I-PER"), ("#", "O"), ("#hashtag", "O")]
    assert second == [("Paris", "B-LOC")]


@pytest.mark.parametrize(("token", "tag"), [(1, 2), (-3, -2), (1, -2)])
def test_columns_are_counted_from_either_end(token: int, tag: int) -> None:
    found = list(read_conll(FIXTURES / "people.conllu", token_column=token, tag_column=tag))
    assert [(s.tokens, s.tags, s.document) for s in found] == [
        (("Vitamin", "O"), ("O", "O"), "0"),
        (("Ada", "Obi"), ("B-PER", "E-PER"), "1"),
    ]


@pytest.mark.parametrize("line", ["# O", "#hashtag B-MISC", "#\tO", "#\tB-MISC", "#1 NN O"])
def test_a_hash_with_a_tag_is_a_token(line: str, made: Callable[[str], Path]) -> None:
    ((first, _),) = pairs(made(f"{line}\nx O\n"))
    assert first[0] == line.split(maxsplit=1)[0]


@pytest.mark.parametrize(
    "line",
    [
        "# text = Vitamin O",
        "# sent_id = 1",
        "# newpar",
        "# global.columns = ID FORM",
        "#",
        "# a remark",
        "# id 5239d808\tdomain=en",
    ],
)
def test_comments_before_a_sentence_are_left_out(line: str, made: Callable[[str], Path]) -> None:
    assert pairs(made(f"{line}\nx O\n\n{line}\ny O\n")) == [[("x", "O")], [("y", "O")]]


def test_within_a_sentence_every_line_is_a_token(made: Callable[[str], Path]) -> None:
    assert pairs(made("x O\n# NN\n")) == [[("x", "O"), ("#", "NN")]]


def test_docstart_ends_a_sentence_without_a_blank_line(made: Callable[[str], Path]) -> None:
    found = list(read_conll(made("a O\n-DOCSTART-\nb O\n-DOCSTART- O\n-DOCSTART- O\n\nc O\n")))
    assert [(s.tokens, s.document) for s in found] == [(("a",), "0"), (("b",), "1"), (("c",), "2")]


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress, bytes])
def test_packed_files_are_read_as_plain_ones(
    pack: Callable[[bytes], bytes], made: Callable[[bytes], Path]
) -> None:
    path = FIXTURES / "eng.train"
    assert list(read_conll(made(pack(path.read_bytes())))) == list(read_conll(path))


@pytest.mark.parametrize(
    "content",
    [
        b"Zo\xc3\xab B-PER\n\n",
        b"Zo\xc3\xab B-PER",
        b"\xef\xbb\xbfZo\xc3\xab B-PER\r\n\r\n",
        b"\n\r\n \t\nZo\xc3\xab  B-PER \n\n\n\n",
        b"Zo\xc3\xab\tB-PER\n \n",
    ],
)
def test_line_ends_marks_and_blanks_do_not_matter(
    content: bytes, made: Callable[[bytes], Path]
) -> None:
    assert pairs(made(content)) == [[("Zoë", "B-PER")]]


def test_utf_16_with_its_mark(made: Callable[[bytes], Path]) -> None:
    (sentence,) = read_conll(made("Zoë B-PER\n".encode("utf-16")), encoding="utf-16")
    assert sentence.tokens == ("Zoë",)


@pytest.mark.parametrize("odd", ["\u00a0", "\u200b", "\u0085", "\u2028", "\x0b", "\x0c", "\x1c"])
def test_odd_white_space_belongs_to_the_word(odd: str, made: Callable[[str], Path]) -> None:
    assert pairs(made(f"{odd} O\na{odd}b O\n{odd}\tO\n")) == [
        [(odd, "O"), (f"a{odd}b", "O"), (odd, "O")]
    ]


def test_a_lost_token_keeps_its_place(made: Callable[[str], Path]) -> None:
    assert pairs(made("\tO\n \tO\nx\tO\n")) == [[("\ufffd", "O"), ("\ufffd", "O"), ("x", "O")]]


def test_a_very_long_sentence_and_word(made: Callable[[str], Path]) -> None:
    word = "x" * 10_000
    (sentence,) = read_conll(made(f"{word} O\n" + "a O\n" * 99_999))
    assert len(sentence.tokens) == 100_000
    assert sentence.tokens[0] == word


def test_columns_may_vary_where_they_are_not_needed(made: Callable[[str], Path]) -> None:
    assert pairs(made("a NN O\nb O\nc X Y Z O\n")) == [[("a", "O"), ("b", "O"), ("c", "O")]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a O\n\nb\n", "made.bio:3: 1 column ('b'), but the token is read from column 0 and the"),
        ("a O\nb\t\n", "made.bio:2: the tag in 'b ' is empty: write it, O for none"),
        ("\n\n", "made.bio holds no sentence in its 2 lines: is it a column file?"),
    ],
)
def test_unusable_lines_are_named(content: str, message: str, made: Callable[[str], Path]) -> None:
    with pytest.raises(CorpusError) as caught:
        list(read_conll(made(content)))
    assert message in str(caught.value)


def test_too_few_columns_for_the_choice_made(made: Callable[[str], Path]) -> None:
    path = made("1 a O\n1 b\n")
    with pytest.raises(CorpusError, match=r":2: 2 columns \('1 b'\), .* tag_column"):
        list(read_conll(path, token_column=1))


def test_every_faulty_line_is_handed_over(made: Callable[[str], Path]) -> None:
    found: list[CorpusError] = []
    (sentence,) = read_conll(made("a\nb O\nc\n"), on_fault=found.append)
    assert sentence.tokens == ("b",)
    assert [str(fault).split(": ")[0][-2:] for fault in found] == [":1", ":3"]


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"none\.bio does not exist: check the path"):
        list(read_conll(tmp_path / "none.bio"))


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="is a folder: give a file in it"):
        list(read_conll(tmp_path))


def test_an_empty_file(made: Callable[[str], Path]) -> None:
    with pytest.raises(FileError, match=r"made\.bio is empty: give a file with one token"):
        list(read_conll(made("")))


def test_a_binary_file(made: Callable[[bytes], Path]) -> None:
    with pytest.raises(FileError, match=r"is a binary file \(byte 4 is 0\), not text: give"):
        list(read_conll(made(b"\x7fELF\0\1\2")))


def test_a_wrong_encoding_names_the_byte(made: Callable[[bytes], Path]) -> None:
    path = made(b"a O\nZo\xeb B-PER\n")
    with pytest.raises(FileError) as caught:
        list(read_conll(path))
    assert str(caught.value) == (
        f"{path}:2: byte 6 (0xeb) is not utf-8 text: name the file's encoding, "
        "as in encoding latin-1"
    )
    assert pairs(path, encoding="latin-1") == [[("a", "O"), ("Zoë", "B-PER")]]  # type: ignore[arg-type]


def test_the_byte_is_counted_over_blocks_and_cut_characters(made: Callable[[bytes], Path]) -> None:
    whole = "é O\n".encode() * 300_000  # the first block of 1 MiB ends within none or one of them
    shifted = b"a" + whole
    for content in (whole, shifted):
        with pytest.raises(FileError, match=rf":300001: byte {len(content)} \(0xff\)"):
            list(read_lines(made(content + b"\xff O\n")))
        with pytest.raises(FileError, match=rf":300001: byte {len(content)} \(0xc3\)"):
            list(read_lines(made(content + b"\xc3")))


def test_utf_16_is_suggested(made: Callable[[bytes], Path]) -> None:
    with pytest.raises(FileError, match=r"byte 0 \(0xff\) is not utf-8 .* give encoding utf-16"):
        list(read_conll(made("a O\n".encode("utf-16"))))


def test_an_unknown_encoding(made: Callable[[str], Path]) -> None:
    with pytest.raises(ConfigError, match="encoding 'utf-9' is not known: try utf-8"):
        list(read_conll(made("a O\n"), encoding="utf-9"))


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
def test_a_packed_file_cut_short(
    pack: Callable[[bytes], bytes], made: Callable[[bytes], Path]
) -> None:
    packed = pack(b"a O\n" * 1000)
    with pytest.raises(FileError, match=r"cannot be unpacked .* damaged or cut short"):
        list(read_conll(made(packed[: len(packed) // 2])))


def test_a_file_that_may_not_be_read(made: Callable[[str], Path]) -> None:
    path = made("a O\n")
    path.chmod(0)
    try:
        path.read_bytes()
    except PermissionError:
        with pytest.raises(FileError, match="cannot be read: Permission denied"):
            list(read_conll(path))
    else:
        pytest.skip("this user may read everything")


letters = st.characters(exclude_characters="\t\n\r\0\ufeff", codec="utf-8")
fields = st.text(letters, min_size=1, max_size=5).filter(lambda field: field == field.strip(" "))
words = fields.filter(lambda word: word[0] not in "#-")  # neither comments nor documents
sentences_of_rows = st.lists(
    st.lists(st.tuples(words, fields), min_size=1, max_size=4), min_size=1, max_size=4
)


@calm
@given(sentences=sentences_of_rows)
def test_columns_are_read_as_written(
    tmp_path_factory: pytest.TempPathFactory, sentences: list[list[tuple[str, str]]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.bio"
    lines = ["".join("\t".join(row) + "\n" for row in sentence) for sentence in sentences]
    path.write_text("\n".join(lines), encoding="utf-8", newline="\n")
    assert pairs(path) == sentences


def test_blocks_leave_memory_alone(made: Callable[[bytes], Path]) -> None:
    sizes = [len(block) for block in read_blocks(made(b"a O\n" * 1_000_000))]
    assert sum(sizes) == 4_000_000
    assert max(sizes) <= 1 << 20


@pytest.mark.parametrize(
    ("name", "sentences", "tokens"),
    [
        ("conll2003/eng.train", 14_041, 203_621),
        ("conll2003/eng.testa", 3_250, 51_362),
        ("conll2003/eng.testb", 3_453, 46_435),
        ("wnut17/dev.bio", 1_009, 15_733),
        ("btc/h.bio", 2_001, 29_480),
    ],
)
def test_real_corpora_are_read_whole(name: str, sentences: int, tokens: int) -> None:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    found = list(read_conll(path))
    assert len(found) == sentences
    assert sum(len(sentence.tokens) for sentence in found) == tokens
