"""``ner-rnn lm`` as it is typed: train, sample, score and compare."""

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


def test_new_texts_are_those_of_plain_sampling_without_the_known(
    capsys: Captured, tmp_path: Path
) -> None:
    plain = done(capsys, "sample", "names", "--count", "60", "--seed", "3")[0].splitlines()
    known = sorted(plain)[::2]
    (tmp_path / "known.txt").write_text("".join(f"{line}\n" for line in known))
    words = ("--count", "20", "--seed", "3", "--new", "--known", str(tmp_path / "known.txt"))
    out, err = done(capsys, "sample", "names", *words)
    assert out.splitlines() == [line for line in plain if line and line not in known][:20]
    assert err == ""


def test_few_new_texts(capsys: Captured, tmp_path: Path) -> None:
    known = tmp_path / "known.txt"
    new = ("--new", "--count", "3", "--known", str(known))
    plain = done(capsys, "sample", "names", "--count", "150")[0].splitlines()
    once = next(text for text in plain if text and plain.count(text) == 1)
    known.write_text("".join(f"{text}\n" for text in plain if text != once))
    told = "of 150 texts drawn are new, and --count is 3: raise --temperature, or shorten"
    assert done(capsys, "sample", "names", *new) == (f"{once}\n", f"note: 1 {told} --prefix\n")
    known.write_text("".join(f"{text}\n" for text in plain))
    assert refused(capsys, "sample", "names", *new) == f"error: 0 {told} --prefix\n"


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


def test_a_tagger_is_told_from_a_language_model(capsys: Captured, small_model: Path) -> None:
    assert "is a tagger, not a language model" in refused(capsys, "sample", str(small_model))
    assert main(["tag", "names.txt", "--model", "names"]) == 2
    assert "is a language model: use it by 'ner-rnn lm'" in capsys.readouterr().err


@pytest.mark.parametrize("action", ["train", "sample", "score", "compare"])
def test_help(capsys: Captured, action: str) -> None:
    with pytest.raises(SystemExit):
        main(["lm", action, "--help"])
    assert f"ner-rnn lm {action}" in capsys.readouterr().out
