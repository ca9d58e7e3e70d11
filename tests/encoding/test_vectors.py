"""Vectors in each format that people have, and each way in which such a file can be broken."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ner_rnn.encoding.vectors import EXACT, LOWER, MISSING, load_vectors
from ner_rnn.errors import ExtraError, FileError, VectorsError

ROWS = {
    "the": [0.5, -1.25, 3e-2],
    "John": [1.0, 2.0, 3.0],
    "paris": [-0.125, 0.0, 7.5],
    "Zoë": [4.0, 5.0, 6.0],
}
WORDS = ["John", "PARIS", "Zoë", "nowhere", "The"]


def glove(rows: dict[str, list[float]] = ROWS) -> str:
    return "".join(f"{word} {' '.join(map(str, values))}\n" for word, values in rows.items())


def word2vec_text(rows: dict[str, list[float]] = ROWS) -> str:
    return f"{len(rows)} 3\n{glove(rows)}"


def word2vec_binary() -> bytes:
    body = b"".join(word.encode() + b" " + struct.pack("<3f", *v) for word, v in ROWS.items())
    return f"{len(ROWS)} 3\n".encode() + body


def fasttext_text() -> str:
    """As fastText writes .vec: a header, and a space at the end of each line."""
    return word2vec_text().replace("\n", " \n").replace("3 \n", "3\n", 1)


TEXTS: dict[str, Callable[[], str]] = {
    "glove": glove,
    "word2vec": word2vec_text,
    "fasttext": fasttext_text,
}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def put(content: str | bytes) -> Path:
        path = tmp_path / "some.vectors"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put


def check(path: Path) -> None:
    """WORDS come back in order: exact, lower, exact, missing, lower."""
    vectors = load_vectors(path, WORDS)
    expected = [ROWS["John"], ROWS["paris"], ROWS["Zoë"], [0, 0, 0], ROWS["the"]]
    np.testing.assert_array_equal(vectors.matrix, np.array(expected, dtype=np.float32))
    assert vectors.matrix.dtype == np.float32
    assert vectors.found.tolist() == [EXACT, LOWER, EXACT, MISSING, LOWER]
    assert vectors.coverage == (
        "4 of 5 words have a vector (80.0 %): 2 as written, 2 in lower case"
    )


@pytest.mark.parametrize("kind", TEXTS)
def test_text(kind: str, write: Callable[[str | bytes], Path]) -> None:
    check(write(TEXTS[kind]()))


@pytest.mark.parametrize("kind", TEXTS)
def test_windows_line_ends_and_byte_order_mark(
    kind: str, write: Callable[[str | bytes], Path]
) -> None:
    check(write(b"\xef\xbb\xbf" + TEXTS[kind]().replace("\n", "\r\n").encode()))


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
def test_packed_text(pack: Callable[[bytes], bytes], write: Callable[[str | bytes], Path]) -> None:
    check(write(pack(glove().encode())))


def test_word2vec_binary(write: Callable[[str | bytes], Path]) -> None:
    pytest.importorskip("gensim")
    check(write(word2vec_binary()))


def test_packed_word2vec_binary(tmp_path: Path) -> None:
    pytest.importorskip("gensim")
    (tmp_path / "some.bin.gz").write_bytes(gzip.compress(word2vec_binary()))
    check(tmp_path / "some.bin.gz")


def test_fasttext_binary(tmp_path: Path) -> None:
    fasttext = pytest.importorskip("gensim.models.fasttext")
    sentences = [["Anna", "met", "Ivo"], ["Ivo", "met", "Anna", "again"]] * 3
    model = fasttext.FastText(
        sentences, vector_size=4, min_count=1, epochs=1, bucket=50, workers=1, seed=1
    )
    path = tmp_path / "some.bin"
    fasttext.save_facebook_model(model, str(path))
    vectors = load_vectors(path, ["Anna", "Again", "Ann"])
    np.testing.assert_allclose(vectors.matrix[0], model.wv["Anna"], rtol=1e-6)
    np.testing.assert_allclose(vectors.matrix[1], model.wv["again"], rtol=1e-6)
    assert vectors.found.tolist() == [EXACT, LOWER, MISSING], "nothing made up from parts"


def test_binary_without_gensim(
    write: Callable[[str | bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gensim", None)
    with pytest.raises(
        ExtraError, match=r"needs gensim.*: pip install 'ner-rnn\[vectors\]', or give"
    ):
        load_vectors(write(word2vec_binary()), WORDS)


words = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1, max_size=5)
values = st.lists(st.floats(-10, 10, width=32), min_size=3, max_size=3)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(words, values, min_size=1, max_size=8), st.booleans())
def test_text_is_read_as_gensim_reads_it(
    write: Callable[[str | bytes], Path], rows: dict[str, list[float]], header: bool
) -> None:
    keyed = pytest.importorskip("gensim.models.keyedvectors").KeyedVectors
    # gensim leaves a file without a header open, so it always gets one
    oracle = keyed.load_word2vec_format(str(write(word2vec_text(rows))), binary=False)
    found = load_vectors(write(word2vec_text(rows) if header else glove(rows)), list(rows))
    assert set(found.found.tolist()) == {EXACT}
    for word, row in zip(rows, found.matrix, strict=True):
        np.testing.assert_array_equal(row, oracle[word])


def test_the_first_of_two_rows_counts(write: Callable[[str | bytes], Path]) -> None:
    path = write("a 1 2\nb 3 4\na 5 6\n")
    assert load_vectors(path, ["a"]).matrix.tolist() == [[1, 2]]


def test_as_written_comes_before_lower_case(write: Callable[[str | bytes], Path]) -> None:
    vectors = load_vectors(write("bush 1 2\nBush 3 4\n"), ["Bush", "BUSH"])
    assert vectors.matrix.tolist() == [[3, 4], [1, 2]]


def test_words_with_spaces(write: Callable[[str | bytes], Path]) -> None:
    """Some stand in GloVe's largest file; no-break spaces stand in fastText's."""
    path = write("a 1 2\nat name@domain.com 3 4\n. . . 5 6\nx\u00a0y 7 8\nx\u2028y 9 10\n\nb 3 4\n")
    words = ["at name@domain.com", ". . .", "x\u00a0y", "x\u2028y", "b"]
    assert load_vectors(path, words).matrix[:, 0].tolist() == [3, 5, 7, 9, 3]


def test_coverage_in_words(write: Callable[[str | bytes], Path]) -> None:
    path = write("a 1 2\nb 3 4\n")
    assert load_vectors(path, ["a", "B", "c"]).coverage == (
        "2 of 3 words have a vector (66.7 %): 1 as written, 1 in lower case"
    )
    assert load_vectors(path, []).coverage == (
        "0 of 0 words have a vector: 0 as written, 0 in lower case"
    )


BROKEN = {
    "too few": ("a 1 2 3\nb 1 2\n", r":2: 'b 1 2' has 2 values, but 3 are expected"),
    "too many": ("a 1 2 3\nb 1 2 3 4\n", r":2: 'b 1 2 3 4' has 4 values, but 3 are expected"),
    "one value": ("a 1 2 3\nb 1\n", r":2: 'b 1' has 1 values, but 3 are expected"),
    "a word alone": ("a 1 2 3\nb\n", r":2: 'b' has 0 values, but 3 are expected"),
    "other than the header": ("2 3\na 1 2\nb 1 2\n", r":2: 'a 1 2' has 2 values, but 3 "),
    "not a number": ("a 1 2 3\nb 1 x 3\n", r":2: value 2 is 'x', not a number"),
    "not quite a number": ("a 1 2 3\nJohn 1 2.0.1 3\n", r":2: value 2 is '2\.0\.1', not a number"),
    "nan": ("a 1 2 3\nb 1 nan 3\n", r":2: value 2 is 'nan', not a number"),
    "too large": ("a 1 2 3\nJohn 1 2 1e39\n", r":2: value 3 is '1e39', not a number"),
    "two spaces": ("a 1 2 3\nJohn  1 2\n", r":2: value 1 is '', not a number"),
    "fewer than promised": ("3 2\na 1 2\nb 1 2\n", r":3: the file ends after 2 words, .*ises 3"),
    "more than promised": ("1 2\na 1 2\nb 1 2\n", r":3: the file ends after 2 words, .*ises 1"),
    "no vectors at all": ("EU B-ORG\nrejects O\n", r":1: found 'EU B-ORG' where a word and its v"),
    "a word a line": ("Aaron\nAbel\n", r":1: found 'Aaron' where a word and its values"),
    "empty": ("", r" is empty: give a file of word vectors"),
    "blank": (" \n\n", r" is empty: give a file of word vectors"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_text(name: str, write: Callable[[str | bytes], Path]) -> None:
    content, message = BROKEN[name]
    path = write(content)
    with pytest.raises(VectorsError, match=message) as caught:
        load_vectors(path, WORDS)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("size", [8, 20, 40])
def test_word2vec_binary_cut_short(size: int, write: Callable[[str | bytes], Path]) -> None:
    pytest.importorskip("gensim")
    with pytest.raises(VectorsError, match=r"some\.vectors"):
        load_vectors(write(word2vec_binary()[:size]), WORDS)


def test_fasttext_binary_cut_short(write: Callable[[str | bytes], Path]) -> None:
    pytest.importorskip("gensim")
    with pytest.raises(VectorsError, match="neither text nor a whole binary file of vectors"):
        load_vectors(write(struct.pack("<4i", 793712314, 12, 4, 5)), WORDS)


def test_another_binary_file(write: Callable[[str | bytes], Path]) -> None:
    pytest.importorskip("gensim")
    with pytest.raises(VectorsError, match="neither text nor a whole binary file of vectors"):
        load_vectors(write(b"\x89PNG\r\n\x1a\n" + bytes(range(256))), WORDS)


def test_packed_file_cut_short(write: Callable[[str | bytes], Path]) -> None:
    with pytest.raises(VectorsError, match="damaged or cut short; get it again"):
        load_vectors(write(gzip.compress(glove().encode())[:-12]), WORDS)


def test_zip_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "glove.zip", "w") as archive:
        archive.writestr("glove.txt", glove())
    with pytest.raises(VectorsError, match="is a zip archive: unpack it"):
        load_vectors(tmp_path / "glove.zip", WORDS)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"none\.txt does not exist"):
        load_vectors(tmp_path / "none.txt", WORDS)
    with pytest.raises(FileError, match="is a folder"):
        load_vectors(tmp_path, WORDS)


def test_further_words_at_the_top_of_the_file_come_along(write: Callable[[bytes], Path]) -> None:
    path = write(b"the 1 2\nof 3 4\nAnna 5 6\nrare 7 8\n")
    vectors = load_vectors(path, ["Anna", "absent"], further=2)
    assert vectors.words == ("Anna", "absent", "the", "of")
    assert vectors.matrix.tolist() == [[5, 6], [0, 0], [1, 2], [3, 4]]
    assert vectors.coverage.startswith("1 of 2 words have a vector (50.0 %)")
