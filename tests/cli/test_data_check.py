"""``ner-rnn data check`` as a user meets it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ner_rnn_cli.main import main

FIXTURES = Path(__file__).parents[1] / "fixtures" / "conll"


@pytest.fixture(autouse=True)
def in_fixtures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FIXTURES)


def test_what_was_found_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "check", "eng.train"]) == 0
    shown, told = capsys.readouterr()
    assert [" ".join(line.split()) for line in shown.splitlines()] == [
        "eng.train",
        "sentences 2",
        "tokens 7",
        "documents 2",
        "scheme IOB1",
        "person names 2 labelled PER",
        "other names 1 labelled ORG",
        "other names 1 labelled LOC",
        "longest sentence 6 tokens, at line 3",
        "longest word 5 characters, at line 3: Maria",
        "duplicates 0 sentences that repeat an earlier one",
        "broken sequences 0 read as conlleval reads them",
    ]
    assert told == ""


def test_columns_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["data", "check", "people.conllu", "--token-column", "1", "--tag-column", "-2"]
    assert main(words) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "scheme BIOES person names 1 labelled PER" in shown


def test_all_errors_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "check", "faulty.bio"]) == 2
    shown, told = capsys.readouterr()
    lines = shown.splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"faulty.bio:{at}" for at in (2, 3, 4)]
    assert "1 column ('Obi'), but the token is read from column 0" in lines[0]
    assert "tag 'X-MOVE' has the unknown prefix 'X'" in lines[1]
    assert "tag 'B-' has no label" in lines[2]
    assert told == "error: 3 errors in 1 of 1 files, listed above\n"


def test_broken_sequences_are_notes_or_with_strict_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.bio").write_text("a B-PER\n\nb O\nc I-PER\nd B-PER\n")
    place = "a.bio:4: I-PER after O does not continue a name: IOB2 begins one with B-PER\n"
    assert main(["data", "check", "a.bio"]) == 0
    assert capsys.readouterr().err == f"note: {place}"
    assert main(["data", "check", "a.bio", "--strict"]) == 2
    assert capsys.readouterr().out == place


def test_no_fault_of_one_file_hides_the_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "loc.bio").write_text("Lima B-LOC\n")
    (tmp_path / "latin.bio").write_bytes(b"Zo\xeb B-PER\n")
    (tmp_path / "empty.bio").touch()
    files = ["none.bio", ".", *(str(tmp_path / f"{one}.bio") for one in ("loc", "latin", "empty"))]
    assert main(["data", "check", *files, "eng.train"]) == 2
    shown, told = capsys.readouterr()
    for line, message in zip(
        shown.splitlines(),
        [
            "none.bio does not exist: check the path",
            ". is a folder: give a file in it",
            "labels found: LOC (1); say with --person-labels which is right",
            "byte 2 (0xeb) is not utf-8 text: name the file's encoding, as in --encoding latin-1",
            "empty.bio is empty: give a file with one token and its tag a line",
        ],
        strict=False,
    ):
        assert message in line
    assert "person names" in shown
    assert told == "error: 5 errors in 5 of 6 files, listed above\n"


def test_encoding_and_person_labels_can_be_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "latin.bio"
    path.write_bytes(b"Zo\xeb B-FIGURE\nx B-Held\n")
    words = ["--encoding", "latin-1", "--person-labels", "figure, held"]
    assert main(["data", "check", str(path), *words]) == 0
    assert "labelled FIGURE, Held" in " ".join(capsys.readouterr().out.split())


def test_overlap_is_told_with_its_count(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "check", "eng.train", "tabs.bio", "eng.train"]) == 0
    told = capsys.readouterr().err
    assert told == "note: eng.train: sentences also in eng.train, word for word: 2\n"


def test_checking_loads_neither_torch_nor_datasets() -> None:
    code = (
        "import sys\nfrom ner_rnn_cli.main import main\n"
        "main(['data', 'check', 'eng.train'])\n"
        "assert not {'torch', 'datasets', 'pyarrow', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
