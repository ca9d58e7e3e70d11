"""Bad input to ``ner-rnn lm``: the whole message, one line that says what to do, status 2."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from ner_rnn_cli.main import main

Captured = pytest.CaptureFixture[str]

TINY = ("--hidden-size", "8", "--embedding-size", "4", "--epochs", "1")
LINES = "\n".join(f"Ma{a}{b}o" for a in "riel" for b in "jons") + "\n"

FILES = {
    "names.txt": LINES.encode(),
    "empty.txt": b"",
    "blank.txt": b"\n \n\n",
    "one.txt": b"Maria\n",
    "same.txt": b"Maria\n" * 5,
    "distinct.txt": b"ab\ncd\n",
    "long.txt": b"Maria\n" + b"ab" * 750 + b"\n",
    "latin.txt": b"Ana\nZo\xeb\n",
    "binary.txt": b"Ana\n\0\x01\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files, and a model of lines and one of running text, each trained for a moment."""
    folder = tmp_path_factory.mktemp("lm-bad")
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    draw = random.Random(1)
    words = [draw.choice(["the", "cat", "sat", "\n"]) for _ in range(150)]
    (folder / "text.txt").write_text(" ".join(words))
    for name, *flags in (("names",), ("text", "--running", "--rows", "2", "--window", "20")):
        train = ["lm", "train", str(folder / f"{name}.txt"), "--output", str(folder / name)]
        assert main([*train, *TINY, *flags]) == 0
    return folder


@pytest.fixture(autouse=True)
def stand(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def refused(capsys: Captured, *words: str) -> str:
    """Run a command that must fail: the last line on stderr, without ``error:``."""
    capsys.readouterr()
    assert main(["lm", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    *notes, last = err.splitlines()
    assert all(note.startswith("note: ") for note in notes), err
    assert last.startswith("error: ")
    return last.removeprefix("error: ")


ONE_A_LINE = "give one sequence a line, two at least; for running text set --running"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("empty.txt", f"empty.txt holds no text: {ONE_A_LINE}"),
        ("blank.txt", f"blank.txt holds no text: {ONE_A_LINE}"),
        ("one.txt", f"one.txt holds one line: {ONE_A_LINE}"),
        ("same.txt", "same.txt: every line is the same; there is nothing to learn"),
        ("empty.txt --running", "empty.txt holds no text: give a file with some"),
        ("names.txt --dev empty.txt",
         "empty.txt holds no text: give lines to choose the best by"),
        ("distinct.txt",
         "distinct.txt: no symbol occurs 2 times; give more text, or set --min-count to 1"),
        ("long.txt",
         "long.txt:2: a sequence of 1,500 symbols, and 1,000 are allowed; raise --max-length, or "
         "for running text set --running"),
        ("names.txt --max-length 4",
         "names.txt:1: a sequence of 5 symbols, and 4 are allowed; raise --max-length, or "
         "for running text set --running"),
        ("latin.txt",
         "latin.txt:2: byte 6 (0xeb) is not utf-8 text: name the file's encoding, as in "
         "--encoding latin-1"),
        ("binary.txt",
         "binary.txt is a binary file (byte 4 is 0), not text: give a text file, plain or packed "
         "by gzip, xz, bzip2 or zstd"),
        ("none.txt", "none.txt does not exist: check the path"),
        ("names.txt --unit syllable",
         "--unit is 'syllable': expected one of char, word"),
        ("names.txt --cell lsmt",
         "--cell is 'lsmt': expected one of rnn, gru, lstm, clockwork, reservoir, none"),
        ("names.txt --periods a",
         "--periods is 'a': expected a list of whole numbers, as in [1, 2, 4]"),
        ("names.txt --hiden-size 3", "there is no flag --hiden-size; did you mean --hidden-size?"),
        ("names.txt --hidden-size 8 --embedding-size 4 --tie",
         "--tie is True, embedding_size 4 and hidden_size 8: one matrix serves both only where "
         "they are equal; make --embedding-size and --hidden-size equal"),
        ("names.txt --learning-rate nan", "--learning-rate is 'nan': expected a number"),
        ("names.txt --minutes inf", "--minutes is 'inf': expected a number"),
        ("names.txt --clip -1", "--clip is -1.0: it must be 0 or more"),
        ("names.txt --dropout 1", "--dropout is 1.0: it must be at least 0 and below 1"),
        ("names.txt --dev-share 1", "--dev-share is 1.0: it must be between 0 and 1"),
        ("names.txt --resume",
         "o/checkpoints/last.ckpt: there is no run to resume; leave out --resume to begin one"),
    ],
)  # fmt: skip
def test_train(capsys: Captured, words: str, message: str) -> None:
    assert refused(capsys, "train", *words.split(), "--output", "o") == message
    assert not Path("o").exists()


def test_a_network_that_explodes(capsys: Captured, tmp_path: Path) -> None:
    output = str(tmp_path / "o")
    wild = ["--learning-rate", "1e9", "--clip", "0", "--optimizer", "sgd"]
    message = refused(capsys, "train", "names.txt", "--output", output, *TINY, *wild)
    assert message.startswith("training has diverged: ")
    assert message.endswith(
        " nats a symbol on held-out text; lower --learning-rate (1e+09) or --clip"
    )


WROTE = "give the folder that 'ner-rnn lm train' wrote"
ABOVE_0 = "it must be above 0; --greedy takes the most probable symbol"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("names --temperature 0", f"--temperature is 0.0: {ABOVE_0}"),
        ("names --temperature -2", f"--temperature is -2.0: {ABOVE_0}"),
        ("names --temperature nan", f"--temperature is nan: {ABOVE_0}"),
        ("names --temperature warm",
         "argument --temperature: invalid float value: 'warm'; see ner-rnn lm sample --help"),
        ("names --prefix MaXж",
         "--prefix is 'MaXж': the model does not know 'X', 'ж'; it knows 10 symbols, such as "
         "o M a e i j l n r s"),
        ("names --prefix Maei --max-length 4",
         "--prefix is 'Maei': it has 4 symbols, and a text 4 at most; shorten it, or raise "
         "--max-length"),
        ("names --count 0", "--count is 0: it must be 1 or more"),
        ("names --beam 0", "--beam is 0: it must be 1 or more"),
        ("names --greedy --beam 2",
         "argument --beam: not allowed with argument --greedy; see ner-rnn lm sample --help"),
        ("names --top-k -1", "--top-k is -1: it must be 0 or more"),
        ("names --top-p nan", "--top-p is nan: it must be a number, as 0.5"),
        ("names --seed -1", "--seed is -1: it must be from 0 to 4294967295"),
        ("names --direction backward",
         "names reads forward: leave out --direction backward"),
        ("names --known names.txt", "--known lists what is not new: add --report or --new"),
        ("names --new --known none.txt", "none.txt does not exist: check the path"),
        ("names --report --known empty.txt", "empty.txt holds no text: name the training files"),
        ("names --new --beam 3",
         "--new draws again where a text is known, and nothing is drawn with --beam: leave out one "
         "of the two"),
        ("text --report", "text was trained on running text, not lines: leave out --report"),
        ("text --new", "text was trained on running text, not lines: leave out --new"),
        ("nowhere", f"nowhere does not exist: {WROTE}"),
        ("names.txt", f"names.txt is no language model: {WROTE}"),
    ],
)  # fmt: skip
def test_sample(capsys: Captured, words: str, message: str) -> None:
    assert refused(capsys, "sample", *words.split()) == message


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("score names empty.txt", "empty.txt is empty: give text, one line or more"),
        ("score names none.txt", "none.txt does not exist: check the path"),
        ("score nowhere names.txt", f"nowhere does not exist: {WROTE}"),
        ("compare names names names.txt",
         "two models are called names: rename the folder of one"),
        ("compare names text names.txt --labels",
         "names.txt:1: the label is 'Marjo': expected a TAB and one of names, text at the line's "
         "end"),
        ("compare names text names.txt --total",
         "--total prints only the share of right answers: add --labels"),
        ("write",
         "argument ACTION: invalid choice: 'write' (choose from 'train', 'sample', 'score', "
         "'compare'); see ner-rnn lm --help"),
    ],
)  # fmt: skip
def test_score_and_compare(capsys: Captured, words: str, message: str) -> None:
    assert refused(capsys, *words.split()) == message


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("weights.safetensors",
         "hurt/weights.safetensors is truncated: {short:,} bytes where {whole:,} were written; "
         "copy the model again"),
        ("vocabulary.json.zst",
         "hurt/vocabulary.json.zst is truncated: {short:,} bytes where {whole:,} were written; "
         "copy the model again"),
        ("config.json",
         "hurt/config.json is truncated: {short:,} bytes where {whole:,} were written; "
         "copy the model again"),
    ],
)  # fmt: skip
def test_a_damaged_bundle(capsys: Captured, file: str, message: str) -> None:
    shutil.copytree("names", "hurt")
    try:
        whole = Path("hurt", file).read_bytes()
        Path("hurt", file).write_bytes(whole[:-9])
        told = message.format(short=len(whole) - 9, whole=len(whole))
        assert refused(capsys, "sample", "hurt") == told
        Path("hurt", file).unlink()
        missing = f"hurt/{file} is missing: copy the model again, all of it"
        assert refused(capsys, "score", "hurt", "names.txt") == missing
        Path("hurt", "manifest.json").unlink()
        assert refused(capsys, "sample", "hurt") == f"hurt is no language model: {WROTE}"
    finally:
        shutil.rmtree("hurt")


@pytest.mark.parametrize("flag", ["--report", "--new"])
def test_training_files_that_are_gone(
    folder: Path, capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flag: str
) -> None:
    shutil.copytree("names", tmp_path / "names")
    shutil.copy("names.txt", tmp_path / "lines.txt")
    monkeypatch.chdir(tmp_path)
    lost = folder / "names.txt"
    lost.rename(folder / "away.txt")
    try:
        assert refused(capsys, "sample", "names", flag) == (
            f"{lost}, which the model was trained on, does not exist: name the training files by "
            "--known"
        )
    finally:
        (folder / "away.txt").rename(lost)
    assert main(["lm", "sample", "names", flag, "--known", "lines.txt"]) == 0


def test_symbols_never_seen_are_counted_and_told(capsys: Captured, tmp_path: Path) -> None:
    odd = tmp_path / "odd.txt"
    odd.write_text("Maжжa\nMalto\n", encoding="utf-8")
    capsys.readouterr()
    assert main(["lm", "score", "names", str(odd)]) == 0
    assert capsys.readouterr().err == (
        "note: names: 3 of 10 symbols are unknown to it, 2 distinct: 'ж' 2, 't' 1; "
        "each counts as the unknown one\n"
    )
    train = ["lm", "train", "names.txt", "--dev", str(odd), "--output", str(tmp_path / "o"), *TINY]
    assert main(train) == 0
    told = capsys.readouterr().err.splitlines()[0]
    assert told == (
        "note: held out: 3 symbols (2 distinct) are not among the 10 known and count as the "
        "unknown one"
    )
