"""``ner-rnn lm`` as it is typed: train, sample, score, compare, and every kind of bad input."""

from __future__ import annotations

import json
import math
import random
import re
from pathlib import Path

import pytest
from ner_rnn_cli.main import main

Captured = pytest.CaptureFixture[str]

TINY = ("--hidden-size", "12", "--embedding-size", "6", "--epochs", "2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models of lines and one of running text of both directions, each trained for a moment."""
    folder = tmp_path_factory.mktemp("lm")
    draw = random.Random(1)
    for name, ends in (("names", ["a", "o", "el"]), ("places", ["burg", "ville", "ton"])):
        lines = [
            "".join(draw.choice(["Ma", "Ri", "Jo", "Le", "San"]) for _ in range(2))
            + draw.choice(ends)
            for _ in range(150)
        ]
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        train = ["lm", "train", str(folder / f"{name}.txt"), "--output", str(folder / name), *TINY]
        assert main([*train, "--learning-rate", "0.02", "--batch-symbols", "256"]) == 0
    (folder / "text.txt").write_text("the cat sat on the mat.\n\nso it sat\n" * 60)
    assert main(
        ["lm", "train", str(folder / "text.txt"), "--output", str(folder / "text"), *TINY,
         "--running", "--direction", "both", "--rows", "4", "--window", "20", "--epochs", "1"]
    ) == 0  # fmt: skip
    return folder


@pytest.fixture(autouse=True)
def stand(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def done(capsys: Captured, *words: str) -> tuple[str, str]:
    status = main(["lm", *words])
    out, err = capsys.readouterr()
    assert status == 0, err
    return out, err


def refused(capsys: Captured, *words: str) -> str:
    assert main(["lm", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("error: ")
    return err


def test_training_shows_how_it_goes(folder: Path, capsys: Captured) -> None:
    out, err = done(
        capsys, "train", "names.txt", "--output", "gru", *TINY,
        "--cell", "gru", "--embedding-size", "0", "--clip-value", "0.1", "--optimizer", "sgd",
    )  # fmt: skip
    assert re.search(r"epoch 2 of 2: smoothed loss [\d.]+ nats, held out [\d.]+ bits", err)
    assert "gru: " in out and "bits a symbol" in out
    assert "lm sample gru --count 20 --seed 1" in out
    metrics = json.loads((folder / "gru" / "metrics.json").read_text())
    assert 0 < metrics["scores"]["dev"]["bits_a_symbol"] < 6


def test_a_model_learns_something(folder: Path) -> None:
    metrics = json.loads((folder / "names" / "metrics.json").read_text())
    dev = metrics["scores"]["dev"]
    assert dev["bits_a_symbol"] < math.log2(15)  # of 14 letters and an end, all equally likely
    assert dev["perplexity"] == pytest.approx(2 ** dev["bits_a_symbol"])


def test_sample(capsys: Captured) -> None:
    words = ("sample", "names", "--count", "20", "--temperature", "0.8", "--prefix", "Ma")
    out, _ = done(capsys, *words, "--seed", "1")
    assert out.count("\n") == 20
    assert all(line.startswith("Ma") for line in out.splitlines())
    assert done(capsys, *words, "--seed", "1")[0] == out
    assert done(capsys, *words, "--seed", "2")[0] != out


def test_greedy_is_a_beam_of_one(capsys: Captured) -> None:
    greedy, _ = done(capsys, "sample", "names", "--greedy", "--count", "3")
    beam, _ = done(capsys, "sample", "names", "--beam", "1")
    assert greedy == beam
    several, _ = done(capsys, "sample", "names", "--beam", "4")
    assert len(set(several.splitlines())) == 4


def test_report(capsys: Captured) -> None:
    out, _ = done(capsys, "sample", "names", "--count", "30", "--report", "--max-length", "9")
    *samples, told = out.splitlines()
    known = set(Path("names.txt").read_text().splitlines())
    novel = 100 * sum(sample not in known for sample in samples) / 30
    assert told.startswith(f"# 30 samples: {novel:.1f} % novel, ")


def test_score(capsys: Captured, tmp_path: Path) -> None:
    out, err = done(capsys, "score", "names", "names.txt")
    *lines, total = out.splitlines()
    assert err == ""
    scores = [float(line.split("\t")[0]) for line in lines]
    texts = [line.split("\t")[1] for line in lines]
    assert texts == Path("names.txt").read_text().splitlines()
    symbols = sum(len(text) + 1 for text in texts)
    perplexity = math.exp(-sum(scores) / symbols)
    assert total.startswith(f"# 150 lines, {symbols:,} symbols with their ends: ")
    assert float(total.rsplit(" ", 1)[1]) == pytest.approx(perplexity, abs=1e-3)
    # a line by itself has the very same digits
    (tmp_path / "one.txt").write_text(texts[7] + "\n")
    alone, _ = done(capsys, "score", "names", str(tmp_path / "one.txt"))
    assert alone.splitlines()[0] == lines[7]


def test_unseen_symbols_are_counted_and_told(capsys: Captured, tmp_path: Path) -> None:
    (tmp_path / "odd.txt").write_text("Maжжa\n", encoding="utf-8")
    _, err = done(capsys, "score", "names", str(tmp_path / "odd.txt"))
    assert "2 of 5 symbols are unknown to it, 1 distinct: 'ж' 2" in err


def test_compare(capsys: Captured, tmp_path: Path) -> None:
    file = tmp_path / "labelled.txt"
    file.write_text("MaRia\tnames\nLeJoburg\tplaces\nSanMaville\tplaces\nLeLeel\tnames\n")
    out, _ = done(capsys, "compare", "names", "places", str(file), "--labels")
    *lines, total = out.splitlines()
    winners = [line.split("\t")[0] for line in lines]
    right = sum(
        a == b for a, b in zip(winners, ["names", "places", "places", "names"], strict=True)
    )
    assert total.startswith(f"# right: {25 * right:.2f} % of 4 lines")
    assert right >= 3
    swapped, _ = done(capsys, "compare", "places", "names", str(file), "--labels")
    assert swapped.splitlines()[:4] == lines


def test_running_text_of_both_directions(folder: Path, capsys: Captured) -> None:
    assert {path.name for path in (folder / "text").iterdir()} == {"forward", "backward"}
    out, _ = done(capsys, "sample", "text", "--max-length", "50", "--prefix", "the cat")
    assert out.startswith("the cat")
    assert len(out) == 51
    back, _ = done(
        capsys, "sample", "text", "--direction", "backward", "--max-length", "50",
        "--prefix", "the mat.",
    )  # fmt: skip
    assert back.endswith("the mat.\n")
    for direction in ("forward", "backward"):
        scored, _ = done(capsys, "score", "text", "text.txt", "--direction", direction, "--total")
        assert scored.startswith("# 180 lines, ")


def test_words(capsys: Captured, tmp_path: Path) -> None:
    tunes = tmp_path / "tunes.txt"
    tunes.write_text("C G Am F\nF G C C\nC F G C\n" * 10)
    done(capsys, "train", str(tunes), "--unit", "word", "--output", str(tmp_path / "t"), *TINY)
    out, _ = done(capsys, "sample", str(tmp_path / "t"), "--count", "5", "--max-length", "6")
    assert set(out.split()) <= {"C", "G", "Am", "F"}


def test_resume_has_to_have_something(capsys: Captured, tmp_path: Path) -> None:
    out = str(tmp_path / "none")
    error = refused(capsys, "train", "names.txt", "--output", out, *TINY, "--resume")
    assert "there is no run to resume" in error.replace("\n", " ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["sample", "names", "--temperature", "0"], "--temperature is 0.0: it must be above 0"),
        (["sample", "names", "--temperature", "-2"], "for always the likeliest symbol say --gr"),
        (["sample", "names", "--prefix", "Xж"], "--prefix holds 'X', 'ж', which the model has"),
        (["sample", "names", "--prefix", "MaRi", "--max-length", "4"], "leave room"),
        (["sample", "names", "--count", "0"], "--count is 0"),
        (["sample", "names", "--beam", "0"], "--beam is 0"),
        (["sample", "names", "--greedy", "--beam", "2"], "not allowed with"),
        (["sample", "names", "--direction", "backward"], "reads forward: leave out --direction"),
        (["sample", "text", "--report"], "has learned running text, not lines"),
        (["sample", "nowhere"], "nowhere does not exist: give the folder that 'ner-rnn lm train'"),
        (["sample", "names.txt"], "names.txt is no language model"),
        (["score", "names", "empty.txt"], "empty.txt is empty"),
        (["score", "names", "no.txt"], "no.txt does not exist"),
        (["compare", "names", "names", "names.txt"], "two models are called names"),
        (["compare", "names", "places", "names.txt", "--labels"], "names.txt:1: the label is"),
        (["train", "empty.txt", "--output", "o"], "empty.txt holds no text"),
        (["train", "one.txt", "--output", "o"], "one.txt holds one line"),
        (["train", "long.txt", "--output", "o"], "long.txt:2: a sequence of 1,500 symbols"),
        (["train", "names.txt", "--output", "o", "--cell", "lsmt"], "invalid choice: 'lsmt'"),
        (["train", "names.txt", "--output", "o", "--tie"], "--tie needs vectors as wide"),
        (["train", "names.txt", "--output", "o", "--periods", "a"], "'a' is no list of whole"),
        (["train", "names.txt", "--output", "o", "--hiden-size", "3"], "did you mean --hidden-si"),
        (["write"], "invalid choice: 'write'"),
    ],
)  # fmt: skip
def test_bad_input(capsys: Captured, words: list[str], message: str) -> None:
    Path("empty.txt").write_text("")
    Path("one.txt").write_text("Maria\n")
    Path("long.txt").write_text("Maria\n" + "ab" * 750 + "\n")
    assert message in refused(capsys, *words)
    assert not Path("o").exists()


def test_a_tagger_is_told_from_a_language_model(capsys: Captured, small_model: Path) -> None:
    assert "is a tagger, not a language model" in refused(capsys, "sample", str(small_model))
    assert main(["tag", "names.txt", "--model", "names"]) == 2
    assert "is a language model: use it by 'ner-rnn lm'" in capsys.readouterr().err


@pytest.mark.parametrize("action", ["train", "sample", "score", "compare"])
def test_help(capsys: Captured, action: str) -> None:
    with pytest.raises(SystemExit):
        main(["lm", action, "--help"])
    assert f"ner-rnn lm {action}" in capsys.readouterr().out
