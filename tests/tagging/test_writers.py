"""Documents are written so that every name can be found again."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ner_rnn.errors import FileError
from ner_rnn.tagging.documents import CutText, Document, Name
from ner_rnn.tagging.writers import bracketed, columns, highlight, json_line, replacing
from ner_rnn.text.conll import read_conll
from ner_rnn.text.tokenize import tokenize

TEXT = "👍 Zoë\nSmith's friend left. J. R. Hart stayed.\n"


def named(text: str, *names: str) -> Document:
    starts = [text.index(name) for name in names]
    found = [Name(s, s + len(n), n, 0.98765) for s, n in zip(starts, names, strict=True)]
    return Document(text, found)


def test_a_line_of_json_a_document() -> None:
    line = json_line(named(TEXT, "Zoë\nSmith", "J. R. Hart"), "a.txt", "3")
    assert line.endswith("\n")
    assert line.count("\n") == 1
    read = json.loads(line)
    assert (read["source"], read["document"], read["text"]) == ("a.txt", "3", TEXT)
    assert [name["text"] for name in read["names"]] == ["Zoë\nSmith", "J. R. Hart"]
    for name in read["names"]:
        assert TEXT[name["start"] : name["end"]] == name["text"]
        assert name["score"] == 0.9877
    assert "document" not in json.loads(json_line(Document(""), "a.txt"))


def test_columns_are_read_back_as_the_same_names(tmp_path: Path) -> None:
    path = tmp_path / "out.conll"
    document = named(TEXT, "Zoë\nSmith", "J. R. Hart")
    path.write_text("".join([*columns(document), *columns(named("Al ran"))]), encoding="utf-8")
    first, second, third = read_conll(path)
    assert first.tokens == ("👍", "Zoë", "Smith", "'s", "friend", "left", ".")
    assert first.tags == ("O", "B-PER", "I-PER", "O", "O", "O", "O")
    assert second.tags == ("B-PER", "I-PER", "I-PER", "O", "O")
    assert (first.document, second.document, third.document) == ("0", "0", "1")


def test_columns_keep_the_words_that_were_given() -> None:
    cut = CutText.join([["New York", "#"], [], ["J", "Hart"]])
    document = Document(cut.text, [Name(12, 18, "J Hart", 1.0)], cut=cut.sentences)
    assert "".join(columns(document)) == (
        "-DOCSTART-\tO\n\nNew York\tO\n#\tO\n\nJ\tB-PER\nHart\tI-PER\n\n"
    )


@given(st.text(alphabet="Ab. \n'👍é"), st.data())
def test_names_over_any_words_are_found_again_in_words(text: str, data: st.DataObject) -> None:
    wanted = []
    names = []
    for sentence in tokenize(text):
        begin = data.draw(st.integers(0, len(sentence) - 1))
        end = data.draw(st.integers(begin + 1, len(sentence)))
        wanted.append((begin, end, 0.5))
        start, stop = sentence[begin][0], sentence[end - 1][1]
        names.append(Name(start, stop, text[start:stop], 0.5))
    document = Document(text, names)
    assert [tuple(found[0]) for _, found in document.named_sentences()] == wanted


def shown(document: Document, **options: object) -> str:
    file = io.StringIO()
    highlight(document, Console(file=file, **options))  # type: ignore[arg-type]
    return file.getvalue()


def test_names_are_coloured_on_a_terminal() -> None:
    output = shown(named(TEXT, "Zoë\nSmith"), force_terminal=True, color_system="standard")
    on, off = "\x1b[1;30;103m", "\x1b[0m"
    assert output == TEXT.replace("Zoë\nSmith", f"{on}Zoë{off}\n{on}Smith{off}")


def test_without_colour_names_stand_in_brackets() -> None:
    expected = TEXT.replace("Zoë\nSmith", "[Zoë\nSmith]")
    document = named(TEXT, "Zoë\nSmith")
    assert shown(document, force_terminal=True, no_color=True) == expected
    assert shown(document) == expected
    assert "".join(bracketed(document)) == expected


def test_long_lines_and_markup_are_left_as_they_are() -> None:
    text = "[bold]x[/bold] :smile: " * 50
    assert shown(Document(text), width=20) == text + "\n"


def test_a_text_cannot_steer_the_terminal() -> None:
    output = shown(named("\x1b[31mred \x07\r\n\x9b2J Al", "Al"))
    assert output == "␛[31mred ␇\n\ufffd2J [Al]\n"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old")
    with pytest.raises(KeyError), replacing(path) as file:
        file.write("half")
        raise KeyError
    assert path.read_text() == "old"
    with replacing(path) as file:
        file.write("né\n")
        assert path.read_text() == "old"
    assert path.read_bytes() == "né\n".encode()
    assert [found.name for found in tmp_path.iterdir()] == ["out"]


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place, message in (
        (tmp_path, "is a folder: give a file for --output"),
        (tmp_path / "absent" / "out", "No such file or directory; choose another --output"),
        (tmp_path / "file" / "out", "Not a directory; choose another --output"),
    ):
        with pytest.raises(FileError, match=message), replacing(place):
            pytest.fail("nothing can be written here")
