"""``ner-rnn evaluate`` as a person types it: many models, a report, resuming, limits, bad input."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from ner_rnn_cli.main import main

from ner_rnn.text.conll import read_conll

GOLD = """\
-DOCSTART- O

Maria B-PER
Silva I-PER
spoke O
in O
Paris B-LOC
. O

Yesterday O
John B-PER
Smith I-PER
met O
Li B-PER
Wei I-PER
. O

-DOCSTART- O

The O
firm O
hired O
Dr. O
Olga B-PER
Ivanova I-PER
, O
it O
said O
. O
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    Path("news.bio").write_text(GOLD, encoding="utf-8")
    Path("web.bio").write_text(GOLD.replace("-DOCSTART- O\n\n", "") * 2, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def typed(*words: str) -> tuple[int, str, str]:
        status = main(["evaluate", *words])
        return status, *capsys.readouterr()

    return typed


def cells_of(folder: str) -> list[dict[str, object]]:
    cells = json.loads(Path(folder, "report.json").read_text("utf-8"))["cells"]
    timed = ("seconds", "words_per_second", "kept")
    return [{key: value for key, value in cell.items() if key not in timed} for cell in cells]


def test_a_report_of_many_models_and_files(run: Run, small_model: Path) -> None:
    pytest.importorskip("matplotlib")
    shutil.copytree(small_model, "other")
    status, out, err = run(
        "--model", f"one={small_model}", "other", "--data", "news.bio", "web.bio",
        "--output", "may", "--workers", "1", "--train", "news.bio",
    )  # fmt: skip
    assert status == 0, err
    rows = [line.split() for line in out.splitlines() if ".bio " in line[:20]]
    assert [row[0] for row in rows] == ["news.bio", "web.bio"] * 2
    assert "Between one and other every difference could be chance" in " ".join(out.split())
    made = sorted(path.name for path in Path("may").iterdir())
    assert made == ["plots", "predictions", "report.html", "report.json", "report.md"]
    report = json.loads(Path("may/report.json").read_text("utf-8"))
    cell = report["cells"][0]
    sentences = list(read_conll("may/predictions/one__news.bio.conll", tag_column=3))
    assert {path.name for path in Path("may/plots").iterdir()} == {
        "f1.svg", "heat.svg", "calibration.svg", "curve__news.bio.svg", "curve__web.bio.svg",
        "reliability__news.bio.svg",
        "reliability__web.bio.svg",
    }  # fmt: skip
    found = [tag for sentence in sentences for tag in sentence.tags].count("B-PER")
    assert found == cell["names"]["predicted"] > 0
    assert cell["calibration"]["ece"] <= 1
    assert cell["words_per_second"] > 0
    assert [row["seen"]["seen"]["support"] for row in report["cells"]] == [4, 8] * 6
    assert report["provenance"]["versions"]["ner-rnn"]
    assert [model["parameters"] for model in report["models"]] == [
        report["models"][0]["parameters"]
    ] * 2


def test_the_report_scores_as_the_table_alone_does(run: Run, small_model: Path) -> None:
    _, out, _ = run("--model", str(small_model), "--data", "news.bio", "--json")
    alone = json.loads(out)["news.bio"]
    _, out, _ = run(
        "--model", str(small_model), "--data", "news.bio", "--json", "--stress", "upper"
    )
    rows = json.loads(out)["small0/model" if "small0/model" in out else "model"]
    assert set(rows) == {"news.bio", "news.bio (upper)"}
    for kind in ("names", "words"):
        told = {key: rows["news.bio"][kind][key] for key in alone[kind]}
        assert told == alone[kind]


def test_two_workers_find_what_one_does(run: Run, small_model: Path) -> None:
    words = ("--model", str(small_model), "--data", "news.bio", "web.bio")
    assert run(*words, "--output", "one", "--workers", "1")[0] == 0
    assert run(*words, "--output", "two", "--workers", "2")[0] == 0
    assert cells_of("one") == cells_of("two")


def test_finished_cells_are_kept_and_changed_ones_are_not(run: Run, small_model: Path) -> None:
    words = ("--model", str(small_model), "--output", "may", "--workers", "1")
    words = (*words, "--stress", "none", "--resume")

    def kept() -> list[bool]:
        report = json.loads(Path("may/report.json").read_text("utf-8"))
        return [cell["kept"] for cell in report["cells"]]

    assert run(*words, "--data", "news.bio", "web.bio")[0] == 0
    first = cells_of("may")
    assert kept() == [False, False]
    assert run(*words, "--data", "news.bio", "web.bio")[0] == 0
    assert kept() == [True, True]
    assert cells_of("may") == first, "a kept cell says what it said"
    Path("web.bio").write_text(GOLD.replace("Olga", "Anna"), encoding="utf-8")
    assert run(*words, "--data", "news.bio", "web.bio")[0] == 0
    assert kept() == [True, False], "the file is another"
    (file,) = Path("may/predictions").glob("*news.bio.conll")
    file.write_text(file.read_text("utf-8").replace("B-PER\tB-PER", "B-PER\tO"), encoding="utf-8")
    assert run(*words, "--data", "news.bio")[0] == 0
    assert kept() == [False], "someone wrote in it"
    assert run(*words[:-1], "--data", "news.bio")[0] == 0
    assert kept() == [False], "not asked for"
    assert len(list(Path("may/predictions").glob("*.conll"))) == 1, "none of an earlier report"


def test_predictions_of_any_system(run: Run) -> None:
    Path("theirs.conll").write_text(GOLD.replace("Li B-PER\nWei I-PER", "Li O\nWei O"))
    status, out, err = run("--predictions", "theirs.conll", "--data", "news.bio")
    assert (status, err) == (0, "")
    row = next(line.split() for line in out.splitlines() if "news.bio" in line)
    assert row[:5] == ["news.bio", "4", "100.00", "75.00", "85.71"]


def test_predictions_for_other_words(run: Run) -> None:
    Path("theirs.conll").write_text(GOLD.replace("Paris", "Rome"))
    assert run("--predictions", "theirs.conll", "--data", "news.bio") == (
        2, "", "error: theirs.conll:7: the word is 'Rome', but 'Paris' at news.bio:7: predictions "
        "must be for the same words\n",
    )  # fmt: skip


@pytest.mark.parametrize(("least", "status"), [("0.85", 0), ("0.86", 1), ("1", 1), ("0", 0)])
def test_a_limit_for_machines(run: Run, least: str, status: int) -> None:
    Path("theirs.conll").write_text(GOLD.replace("Li B-PER\nWei I-PER", "Li O\nWei O"))
    words = ("--predictions", "theirs.conll", "--data", "news.bio", "--fail-under", least)
    found, _, err = run(*words)
    assert found == status
    told = f"error: F1 on names of 0.8571 is under {least}: theirs.conll on news.bio\n"
    assert err == (told if status else "")


def test_a_limit_is_for_one_model_too_and_nothing_undefined_passes(
    run: Run, small_model: Path
) -> None:
    words = ("--model", str(small_model), "--data", "news.bio", "--fail-under")
    assert run(*words, "0")[0] == 0
    Path("none.bio").write_text("it O\nsaid O\n")
    status, _, err = run("--model", str(small_model), "--data", "none.bio", "--fail-under", "0.1")
    assert status == 1
    assert "error: F1 on names is undefined" in err


def test_an_unreadable_model_among_many(run: Run, small_model: Path) -> None:
    Path("broken").mkdir()
    status, out, err = run(
        "--model", str(small_model), "broken", "--data", "news.bio", "absent.bio"
    )
    assert status == 1
    assert "error: absent.bio does not exist: check the path\n" in err
    assert "error: broken is not a model: it has no manifest.json" in err
    assert err.count("error:") == 2
    rows = [line.split() for line in out.splitlines() if line.strip().startswith("news.bio")]
    assert [len(row) for row in rows] == [7, 7]
    assert rows[1][1:] == ["–"] * 6
    said = " ".join(out.split())
    assert "3 of 4 combinations of model and corpus have no F1; the first is" in said


def test_stress_with_names_of_another_culture(run: Run, small_model: Path) -> None:
    Path("names.txt").write_text("Amaka Eze\nNgozi Ibekwe\n")
    status, out, _ = run(
        "--model", str(small_model), "--data", "news.bio", "--stress", "lower,swap",
        "--swap-names", "names.txt", "--output", "hard", "--workers", "1",
    )  # fmt: skip
    assert status == 0
    said = " ".join(out.split())
    assert re.search(r"The F1 of \S+ is [\d.]+ % in lower case \(−[\d.]+ points\) and ", said)
    report = json.loads(Path("hard/report.json").read_text("utf-8"))
    assert [row["stress"] for row in report["corpora"]] == [None, "lower", "swap"]
    assert [row["stress"] for row in report["totals"]] == [None, "lower", "swap"]
    (file,) = Path("hard/predictions").glob("*swap*.conll")
    text = file.read_text("utf-8")
    assert "Maria" not in text
    assert "Eze" in text or "Ibekwe" in text


def test_a_report_of_a_model_has_lower_and_upper_case(run: Run, small_model: Path) -> None:
    words = ("--model", str(small_model), "--data", "news.bio", "--workers", "1", "--output")
    kept = {}
    for folder, more, copies in (("a", (), ["lower", "upper"]), ("b", ("--stress", "none"), [])):
        status, out, _ = run(*words, folder, *more)
        assert status == 0
        report = json.loads(Path(folder, "report.json").read_text("utf-8"))
        kept[folder] = report["cells"][0]["names"]
        assert [row["stress"] for row in report["corpora"]] == [None, *copies]
        assert [row["stress"] for row in report["kinds"] if row["kind"]] == [None, *copies]
        assert [word in out.split("\n\n")[0] for word in copies] == [True] * len(copies)
    assert kept["a"] == kept["b"]


def test_a_copy_with_the_same_words_is_not_tagged_again(run: Run, small_model: Path) -> None:
    text = Path("news.bio").read_text("utf-8")
    small = text.lower()
    for tag in ("B-PER", "I-PER", "B-LOC", "-DOCSTART- O", " O"):
        small = small.replace(tag.lower(), tag)
    Path("small.bio").write_text(small, "utf-8")
    assert run("--model", str(small_model), "--data", "small.bio", "--output", "x")[0] == 0
    report = json.loads(Path("x/report.json").read_text("utf-8"))
    as_is, lower, _ = report["cells"]
    assert (lower["seconds"], lower["names"]) == (as_is["seconds"], as_is["names"])
    files = [path.name for path in Path("x/predictions").glob("*.conll")]
    assert len(files) == 3


def test_files_of_one_name_are_one_kind_of_text(run: Run) -> None:
    words = [f"--data={name}" for name in ("mine=news.bio", "mine=web.bio")]
    status, _, _ = run("--predictions", "t=news.bio", "t=web.bio", *words, "--output", "x")
    assert status == 0
    report = json.loads(Path("x/report.json").read_text("utf-8"))
    assert [row["name"] for row in report["corpora"]] == ["mine/news.bio", "mine/web.bio"]
    assert [row["kind"] for row in report["kinds"]] == ["mine", None]
    assert report["kinds"][0]["corpora"] == ["mine/news.bio", "mine/web.bio"]


def test_a_corpus_cut_into_characters(run: Run, small_model: Path) -> None:
    Path("zh.bio").write_text("王 B-PER\n芳 I-PER\n说 O\n话 O\n", encoding="utf-8")
    _, _, err = run("--model", f"m={small_model}", "--data", "zh.bio", "news.bio", "--stress=upper")
    assert (
        "note: m learned from text cut into words, and zh.bio is cut into single characters: the "
        "scores say little\n"
    ) in err


def test_labels_of_another_name(run: Run) -> None:
    Path("odd.bio").write_text("Maria B-HELD\nspoke O\n")
    words = ("--predictions", "odd.bio", "--data", "odd=./odd.bio", "--data.person-labels")
    assert run(*words, "HELD")[0] == 0
    _, out, err = run("--predictions", "odd.bio", "--data", "odd=./odd.bio")
    assert err == "note: ./odd.bio holds no person name: its recall and F1 say nothing\n"
    assert "F1 is undefined" in " ".join(out.split())


REFUSED = [
    (["--predictions", "news.bio", "--data", "news.bio", "--resume"],
     "--resume is for a report: give --output FOLDER too"),
    (["--predictions", "news.bio", "--data", "news.bio", "--fail-under", "92"],
     "argument --fail-under: 92 is not from 0 to 1; see ner-rnn evaluate --help"),
    (["--predictions", "news.bio", "--data", "news.bio", "--stress", "loud"],
     "--stress is 'loud': expected some of lower, upper, swap, or none"),
    (["--predictions", "news.bio", "--data", "news.bio", "--stress", "swap"],
     "--stress is swap: it needs lists of names; give --swap-names FILE"),
    (["--predictions", "news.bio", "--data", "news.bio", "--swap-names", "news.bio"],
     "--swap-names: names are given, but none is replaced; give --stress swap too, or neither"),
    (["--predictions", "news.bio", "--data", "news.bio", "--output", "x", "--workers", "0"],
     "argument --workers: 0 is not 1 or more; see ner-rnn evaluate --help"),
    (["--predictions", "news.bio", "--data", "news.bio", "news.bio"],
     "news.bio is given twice, as number 1 and 2"),
    (["--predictions", "news.bio", "--data", "news.bio", "--output", "web.bio"],
     "web.bio is a file where a folder is needed: choose another path"),
    (["--predictions", "news.bio", "--data", "news.bio", "--trainer.devices", "2"],
     "settings of the trainer share out the work of models, and no model is given: leave them "
     "out"),
    (["--model", "x", "--data", "news.bio", "--workers", "2", "--trainer.devices", "2"],
     "--workers and --trainer flags both set the processes: give one of them"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "expected"), REFUSED)
def test_what_cannot_be_asked_for(run: Run, words: list[str], expected: str) -> None:
    before = sorted(Path().rglob("*"))
    assert run(*words) == (2, "", f"error: {expected}\n")
    assert sorted(Path().rglob("*")) == before


def test_text_of_a_corpus_is_text_in_the_page(run: Run) -> None:
    odd = "Maria B-PER\n<script>alert(1)</script> O\n"
    Path("odd.bio").write_text(odd)
    Path("theirs.bio").write_text(odd)
    assert run("--predictions", "theirs.bio", "--data", "odd.bio", "--output", "may")[0] == 0
    assert "<script>alert(1)" not in Path("may/report.html").read_text("utf-8")
