"""``ner-rnn tag`` as a user meets it."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from pathlib import Path

import pyarrow
import pytest
from ner_rnn_cli.main import main
from pyarrow import parquet

from ner_rnn.model.loader import read_tagger
from ner_rnn.model.recall import operating_point
from ner_rnn.text.conll import read_conll

TEXT = "Yesterday Maria Silva met Olga Smith .\n"


def tag(model: Path, *words: str) -> int:
    return main(["tag", *words, "--model", str(model)])


def check_error(captured: pytest.CaptureFixture[str], *parts: str) -> None:
    out, err = captured.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    for part in parts:
        assert part in err


def names(line: str) -> list[str]:
    return [name["text"] for name in json.loads(line)["names"]]


def test_json_lines_into_a_pipe(
    small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("empty.txt").write_text("")
    assert tag(small_model, "letter.txt", "empty.txt") == 0
    out, err = capsys.readouterr()
    first, second = out.splitlines()
    assert names(first) == ["Maria Silva", "Olga Smith"]
    assert json.loads(second) == {"source": "empty.txt", "text": "", "names": []}
    assert err.startswith("note: 2 names in 7 words of 2 texts (1 empty), ")


def test_columns_and_bracketed_text(
    small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tag(small_model, "letter.txt", "--format", "text") == 0
    assert capsys.readouterr().out == "Yesterday [Maria Silva] met [Olga Smith] .\n"
    assert tag(small_model, "letter.txt", "--format", "conll", "--output", "out.conll") == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith(" words/s, written to out.conll\n")
    (sentence,) = read_conll("out.conll")
    assert sentence.tags == ("O", "B-PER", "I-PER", "O", "B-PER", "I-PER", "O")


def test_columns_in(small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("in.conll").write_text("Maria X\nSilva X\nspoke X\n\n-DOCSTART- X\n\nParis X\n")
    assert tag(small_model, "in.conll", "--input", "conll") == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["document"], first["text"]) == ("0", "Maria Silva spoke")
    assert [name["text"] for name in first["names"]] == ["Maria Silva"]
    assert (second["document"], second["text"]) == ("1", "Paris")


def test_min_score(small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tag(small_model, "letter.txt", "--min-score", "1") == 0
    assert names(capsys.readouterr().out) == []


def test_a_low_score_finds_names_off_the_best_path(
    letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tag", "letter.txt", "--min-score", "0.0001"]) == 0
    (found,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert {name["on_best_path"] for name in found["names"]} == {True, False}
    assert all(name["score"] >= 0.0001 for name in found["names"])
    for format in ("csv", "parquet"):
        options = ["--min-score", "0.0001", "--format", format, "--output", f"out.{format}"]
        assert main(["tag", "letter.txt", *options]) == 0
    rows = list(csv.DictReader(Path("out.csv").read_text().splitlines()))
    paths = [str(name["on_best_path"]).lower() for name in found["names"]]
    assert [row["on_best_path"] for row in rows] == paths
    table = parquet.read_table("out.parquet").to_pylist()
    assert [row["on_best_path"] for row in table] == [n["on_best_path"] for n in found["names"]]


def test_recall_takes_the_threshold_of_the_model(
    letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tag", "letter.txt", "--recall", "0.9"]) == 0
    printed = capsys.readouterr()
    point = operating_point(read_tagger("en"), 0.9)
    assert f"probability of {point['threshold']:.2g} or more" in printed.err
    assert main(["tag", "letter.txt", "--min-score", str(point["threshold"])]) == 0
    assert capsys.readouterr().out == printed.out


def test_a_recall_that_cannot_be_had_is_refused(
    small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tag(small_model, "letter.txt", "--recall", "0.9") == 2
    check_error(capsys, "no recall curve", "--min-score")
    assert main(["tag", "letter.txt", "--recall", "1"]) == 2
    check_error(capsys, "--recall is 1", "never reached")
    assert main(["tag", "letter.txt", "--recall", "0.9", "--min-score", "0.5"]) == 2
    check_error(capsys, "--min-score", "--recall")


@pytest.mark.parametrize("score", ["1.5", "-0.1", "nan", "high"])
def test_a_score_that_is_none_is_refused(
    small_model: Path, letter: Path, score: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tag(small_model, "letter.txt", f"--min-score={score}") == 2
    check_error(capsys, "--min-score", score)


@pytest.mark.parametrize("words", [[], ["--model", "en"], ["--workers", "2"]])
def test_the_default_model_is_built_in(
    built_in: Path, letter: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tag", "letter.txt", *words]) == 0
    assert names(capsys.readouterr().out) == ["Maria Silva", "Olga Smith"]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["absent.txt"], ["absent.txt does not exist"]),
        (["letter.txt", "absent.txt"], ["absent.txt does not exist"]),
        (["old.txt"], ["old.txt:1: byte 3 (0xe9)", "--encoding latin-1, or give --errors replace"]),
        (["letter.txt", "--encoding", "latin-x"], ["encoding 'latin-x' is not known"]),
        (["binary"], ["binary is a binary file (byte 1 is 0)"]),
        (["folder"], ["folder is a folder without text files"]),
        (["letter.txt", "--output", "letter.txt"], ["would replace the text that is read"]),
        (["letter.txt", "--output", "absent/out"], ["absent/out cannot be written"]),
        (["letter.txt", "--format", "xml"], ["xml", "html"]),
        (["letter.txt", "--resume"], ["--resume", "--output"]),
        (["letter.txt", "--workers", "0"], ["--workers", "0 is not 1 or more"]),
        (["letter.txt", "--redact", "x", "--format", "csv"], ["--redact", "text, jsonl, html"]),
        (["*.odt"], ["*.odt does not exist, and no file fits it"]),
        (["letter.txt", "--output", "binary/out"], ["binary/out cannot be written: Not a dir"]),
        (["letter.txt", "./letter.txt", "--output", "new/"], ["both be written to new/letter.js"]),
        (["-", "--output", "new/"], ["standard input has no name"]),
        (["rows.csv"], ["rows.csv: no column 'text', but id, body: choose with --text-field"]),
        (["letter.txt", "--input", "parquet"], ["letter.txt is not a Parquet file"]),
        (["letter.txt", "--ouput", "x"], ["--ouput", "--output"]),
        (["letter.txt", "--encoding", "rot13", "--redact", "x"], ["encoding 'rot13' is not known"]),
        ([".", "--output", "."], ["--output is letter.jsonl: it lies in ., which is read"]),
        (
            [".", "--output", "names.csv"],
            ["--output is names.csv: it lies in ., which is read", "tagged"],
        ),
        ([], ["PATH"]),
    ],
)
def test_bad_input_is_told_in_one_line(
    small_model: Path,
    letter: Path,
    words: list[str],
    parts: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("old.txt").write_bytes(b"Jos\xe9\n")
    Path("binary").write_bytes(b"x\0y")
    Path("rows.csv").write_text("id,body\n")
    Path("folder").mkdir()
    assert tag(small_model, *words) == 2
    check_error(capsys, *parts)
    assert letter.read_text() == TEXT


def test_a_wrong_model_is_refused(letter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tag", "letter.txt", "--model", "absent"]) == 2
    check_error(capsys, "absent does not exist: a model is a folder")
    assert main(["tag", "letter.txt", "--model", "."]) == 2
    check_error(capsys, ". is not a model: it has no manifest.json")


def test_a_failure_leaves_the_old_output(
    small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("binary").write_bytes(b"x\0y")
    Path("out").write_text("old")
    assert tag(small_model, "binary", "--output", "out") == 2
    assert Path("out").read_text() == "old"
    assert sorted(os.listdir()) == ["binary", "letter.txt", "out"]


def test_one_bad_file_does_not_stop_the_others(
    small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(9):
        Path(f"bad{number}.txt").write_bytes(b"x\0y")
    assert tag(small_model, ".") == 1
    out, err = capsys.readouterr()
    assert names(out) == ["Maria Silva", "Olga Smith"]
    *told, summary = err.splitlines()
    assert len(told) == 6
    assert told[0].startswith("error: ./bad0.txt is a binary file")
    assert told[5] == "error: and 4 more like these"
    assert summary.startswith("note: 2 names in 7 words of 1 text, ")
    assert summary.endswith("; 9 files could not be read")


def test_rows_carry_their_ids_and_a_broken_one_is_told(
    small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"key": 7, "body": TEXT}, {"key": "x", "body": "Nobody."}]
    lines = [json.dumps(row) for row in rows]
    Path("rows.jsonl").write_text("\n".join([lines[0], "{", '{"text": ""}', lines[1]]))
    fields = ("--text-field", "body", "--id-field", "key")
    assert tag(small_model, "rows.jsonl", *fields) == 1
    out, err = capsys.readouterr()
    first, second = map(json.loads, out.splitlines())
    assert (first["id"], first["text"], len(first["names"])) == (7, TEXT, 2)
    assert (second["id"], second["names"]) == ("x", [])
    assert err.splitlines()[:2] == [
        "error: rows.jsonl:2: not JSON (Expecting property name enclosed in double quotes): "
        "write one object a line",
        "error: rows.jsonl:3: no field 'body', but text: choose with --text-field",
    ]
    assert err.endswith("; 2 rows could not be read\n")

    Path("rows.csv").write_text("key;body\n1;Yesterday Maria Silva met .\n")
    assert tag(small_model, "rows.csv", *fields, "--format", "csv") == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("rows.csv,1,10,21,Maria Silva,")


def test_other_formats(small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("letter.txt").write_text(TEXT * 2)
    assert tag(small_model, "letter.txt", "--format", "names") == 0
    assert capsys.readouterr().out == "2\tMaria Silva\tletter.txt:1\n2\tOlga Smith\tletter.txt:1\n"
    assert tag(small_model, "letter.txt", "--format", "html") == 0
    out = capsys.readouterr().out
    assert out.startswith("<!DOCTYPE html>")
    assert out.count("<mark id=") == 4
    assert tag(small_model, "letter.txt", "--format", "parquet", "--output", "names.parquet") == 0
    table = parquet.read_table("names.parquet")
    assert table["text"].to_pylist() == ["Maria Silva", "Olga Smith"] * 2


def test_cells_are_guarded_unless_they_should_be_raw(
    small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("rows.csv").write_text(f"id,text\n=1+1,{TEXT}")
    words = ("rows.csv", "--id-field", "id", "--format", "csv")
    assert tag(small_model, *words) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("rows.csv,'=1+1,10,21,Maria Silva,")
    assert tag(small_model, *words, "--raw-cells") == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("rows.csv,=1+1,10,21,Maria Silva,")


def test_redaction_keeps_the_byte_order(small_model: Path, letter: Path) -> None:
    Path("wide.txt").write_bytes(b"\xfe\xff" + f"{TEXT}é".encode("utf-16-be"))
    words = ("wide.txt", "--encoding", "utf-16", "--redact", "[NAME]", "--output", "out.txt")
    assert tag(small_model, *words) == 0
    redacted = TEXT.replace("Maria Silva", "[NAME]").replace("Olga Smith", "[NAME]")
    assert Path("out.txt").read_bytes() == b"\xfe\xff" + f"{redacted}é".encode("utf-16-be")


def test_redaction(small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("old.txt").write_bytes(f"Zo\xe9:\r\n{TEXT}Olga Smith spoke in Paris .".encode("latin-1"))
    words = ("old.txt", "--encoding", "latin-1", "--output", "out")
    assert tag(small_model, *words, "--redact", "[NAME]") == 0
    replaced = Path("old.txt").read_bytes().replace(b"Olga Smith", b"Maria Silva")
    assert Path("out").read_bytes() == replaced.replace(b"Maria Silva", b"[NAME]")
    assert tag(small_model, "letter.txt", "--redact", "pseudonyms") == 0
    assert capsys.readouterr().out == "Yesterday PERSON 1 met PERSON 2 .\n"
    assert tag(small_model, "letter.txt", "--redact", "<{n}>", "--format", "jsonl") == 0
    read = json.loads(capsys.readouterr().out)
    assert read["text"] == "Yesterday <1> met <2> .\n"
    assert [name["text"] for name in read["names"]] == ["<1>", "<2>"]


def test_a_redacted_table_is_a_table(
    small_model: Path,
    letter: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = 'id;body\r\n1.0;"Maria Silva spoke; twice"\r\n'
    Path("in").mkdir()
    Path("in/posts.csv").write_bytes(table.encode())
    Path("in/rows.jsonl.gz").write_bytes(
        gzip.compress(b'{"n": 1e5, "body": "Maria Silva spoke ."}\n{"body": ["Olga Smith"]}\n')
    )
    Path("in/text.txt").write_text(TEXT)
    parquet.write_table(
        pyarrow.table({"body": pyarrow.array(["Maria Silva spoke .", None]), "n": [1, 2]}),
        "in/rows.parquet",
    )
    clean = table.replace("Maria Silva", "[NAME]")
    words = ("--text-field", "body", "--redact", "[NAME]")
    assert tag(small_model, "in/posts.csv", *words, "--output", "clean.csv") == 0
    assert Path("clean.csv").read_bytes() == clean.encode()
    data = io.TextIOWrapper(io.BytesIO(table.encode()))
    monkeypatch.setattr("sys.stdin", data)
    capsys.readouterr()
    assert tag(small_model, "-", "--input", "csv", *words) == 0
    assert capsys.readouterr().out == clean
    for workers in ("1", "2"):
        out = f"out{workers}"
        assert tag(small_model, "in", *words, "--output", out, "--workers", workers) == 1
        assert "; 1 row could not be read" in capsys.readouterr().err
        assert Path(out, "posts.csv").read_bytes() == clean.encode()
        assert Path(out, "rows.jsonl").read_text() == '{"n": 1e5, "body": "[NAME] spoke ."}\n'
        assert Path(out, "text.txt").read_text() == "Yesterday [NAME] met [NAME] .\n"
        found = parquet.read_table(f"{out}/rows.parquet").to_pydict()
        assert found == {"body": ["[NAME] spoke .", None], "n": [1, 2]}
    Path("out1/posts.csv").unlink()
    assert tag(small_model, "in", *words, "--output", "out1", "--resume") == 0
    assert Path("out1/posts.csv").read_bytes() == clean.encode()
    capsys.readouterr()
    assert tag(small_model, "in", *words) == 2
    check_error(capsys, "name a folder with --output, or choose --format jsonl")
    assert tag(small_model, "in/posts.csv", *words, "--output", "clean.jsonl") == 2
    check_error(capsys, "--output is clean.jsonl: it would hold csv, as in/posts.csv does")


def test_a_folder_becomes_a_tree_and_is_resumed(
    small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a/x.txt", "a/b/y.txt.gz", "bad.txt"):
        Path("in", name).parent.mkdir(parents=True, exist_ok=True)
        Path("in", name).write_bytes(gzip.compress(TEXT.encode()) if "gz" in name else b"Al .")
    Path("in/bad.txt").write_bytes(b"\0")
    assert tag(small_model, "in", "--output", "in/out/", "--format", "text") == 1
    assert Path("in/out/a/b/y.txt").read_text() == "Yesterday [Maria Silva] met [Olga Smith] .\n"
    assert not Path("in/out/bad.txt").exists()
    _, err = capsys.readouterr()
    assert "of 2 texts, " in err
    assert "written to in/out/; 1 file could not be read" in err

    Path("in/bad.txt").write_text("Good.")
    Path("in/out/a/x.txt").write_text("mine")
    assert tag(small_model, "in", "--output", "in/out", "--format", "text", "--resume") == 0
    _, err = capsys.readouterr()
    assert err.startswith("note: 2 of 3 files exist already\nnote: 0 names in 2 words of 1 text")
    assert Path("in/out/a/x.txt").read_text() == "mine"
    assert Path("in/out/bad.txt").read_text() == "Good."
    assert tag(small_model, "in", "--output", "in/out", "--format", "text", "--resume") == 0
    assert capsys.readouterr().err == "note: 3 of 3 files exist already\n"


def test_a_long_text_is_a_line_a_part(
    small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (TEXT + " " * 150_000 + ".\n\n") * 15  # parts have up to a million characters
    Path("long.txt").write_text(text)
    assert tag(small_model, "long.txt") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    size = len(text) // 15
    assert [line["offset"] for line in lines] == [0, 6 * size, 12 * size]
    assert "".join(line["text"] for line in lines) == text
    for line in lines:
        for name in line["names"]:
            start = line["offset"] + name["start"]
            assert text[start : start + len(name["text"])] == name["text"]
    assert tag(small_model, "long.txt", "--format", "csv") == 0
    for row in csv.DictReader(io.StringIO(capsys.readouterr().out)):
        assert text[int(row["start"]) : int(row["end"])] == row["text"]


def test_processes_give_what_one_gives(
    small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("in").mkdir()
    for number in range(3):
        Path(f"in/{number}.txt").write_text(f"{TEXT}{number} " * 6_000)
    Path("in/bad.txt").write_bytes(b"\xff")
    found = []
    for workers in ("1", "2"):
        assert tag(small_model, "in", "--workers", workers) == 1
        out, err = capsys.readouterr()
        found.append((out, err.splitlines()[:-1]))
    assert found[0] == found[1]
    assert len(found[0][0].splitlines()) == 3


def test_other_programs_read_it_in_one_line(small_model: Path, letter: Path) -> None:
    datasets = pytest.importorskip("datasets")
    pandas = pytest.importorskip("pandas")
    Path("none.txt").write_text("Nobody.")
    Path("packed.txt.gz").write_bytes(gzip.compress(TEXT.encode()))
    assert tag(small_model, "none.txt", "letter.txt", "packed.txt.gz", "--output", "x.jsonl") == 0
    table = pandas.read_json("x.jsonl", lines=True)
    assert list(table["source"]) == ["none.txt", "letter.txt", "packed.txt.gz"]
    assert table["names"][1][0]["text"] == "Maria Silva"
    rows = datasets.load_dataset("json", data_files="x.jsonl", split="train", cache_dir="cache")
    assert rows[0]["names"] == []
    assert rows[2]["names"][1]["text"] == "Olga Smith"
    assert tag(small_model, "none.txt", "letter.txt", "--format", "csv", "--output", "x.csv") == 0
    assert list(pandas.read_csv("x.csv")["text"]) == ["Maria Silva", "Olga Smith"]
