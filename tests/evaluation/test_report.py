"""A whole report from files: figures that agree with its predictions, sentences, Markdown, plots.

Most systems here are files of predictions: they need no network, and the report is the same.
"""

from __future__ import annotations

import json
import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import ConfigError, UserError
from ner_rnn.evaluation.report.folder import write_report
from ner_rnn.evaluation.report.page import markdown
from ner_rnn.evaluation.report.plots import figures
from ner_rnn.evaluation.request import Request
from ner_rnn.evaluation.run import Made, evaluate_all
from ner_rnn.evaluation.systems import name_all, training_curve
from ner_rnn.text.report_table import escape_markdown

ODD = "<script>alert('x')</script>"
SENTENCES = (
    "Maria/P Silva/p met Angela/P Merkel/p in Lisbon/L .",
    "The ACME/O firm hired Dr. Olga/P .",
    f"{ODD} said nothing of it .",
    "IVAN/P PETROV/p spoke , and li/P wei/p did not .",
    "Rain fell .",
)
LABELS = {"P": "B-PER", "p": "I-PER", "L": "B-LOC", "O": "B-ORG"}

Rows = list[list[tuple[str, str]]]


def gold_rows(documents: int) -> list[Rows]:
    return [
        [
            [
                (word, LABELS[mark]) if mark in LABELS and word else (token, "O")
                for token in sentence.split()
                for word, _, mark in [token.rpartition("/")]
            ]
            for sentence in SENTENCES
        ]
        for _ in range(documents)
    ]


def spoiled(rows: Rows, share: float, chance: random.Random) -> Rows:
    """Drop names, cut them, and invent some."""
    changed = []
    for sentence in rows:
        tags = [tag if tag.endswith("PER") else "O" for _, tag in sentence]
        for place, tag in enumerate(tags):
            if chance.random() < share:
                tags[place] = "O" if tag != "O" else "B-PER"
        changed.append([(word, tag) for (word, _), tag in zip(sentence, tags, strict=True)])
    return changed


def write(path: Path, documents: Sequence[Rows]) -> str:
    text = "".join(
        "-DOCSTART-\tO\n\n"
        + "".join(
            "".join(f"{word}\t{tag}\n" for word, tag in sentence) + "\n" for sentence in document
        )
        for document in documents
    )
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two corpora, and what a good and a bad system say of them."""
    folder = tmp_path_factory.mktemp("files")
    chance = random.Random(1)
    for name, count in (("news", 30), ("web", 12)):
        documents = gold_rows(count)
        write(folder / f"{name}.bio", documents)
        for system, share in (("good", 0.02), ("bad", 0.15)):
            write(
                folder / f"{system}-{name}.bio",
                [spoiled(document, share, chance) for document in documents],
            )
    return folder


def request_for(files: Path, **changes: Any) -> Request:
    settings: dict[str, Any] = {
        "predictions": [
            f"{system}={files}/{system}-{name}.bio"
            for system in ("bad", "good")
            for name in ("news", "web")
        ],
        "data": [f"{files}/news.bio", f"{files}/web.bio"],
        "rounds": 300,
        "command": "ner-rnn evaluate --data `x`",
    }
    return Request(**{**settings, **changes})


@pytest.fixture(scope="module")
def made(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    train = write(files / "learned.bio", gold_rows(1)[:1])
    return evaluate_all(
        request_for(files, train=train),
        predictions_folder=tmp_path_factory.mktemp("out") / "predictions",
    )


def test_the_matrix_is_whole_and_in_order(made: Made) -> None:
    assert made.problems == []
    assert [(cell["model"], cell["corpus"]) for cell in made.report["cells"]] == [
        ("bad", "news.bio"), ("bad", "web.bio"), ("good", "news.bio"), ("good", "web.bio"),
    ]  # fmt: skip
    assert all(cell["skipped"] is None for cell in made.report["cells"])
    again = json.loads(json.dumps(made.report, allow_nan=False))
    assert again["format"] == 1


def recomputed(path: Path) -> tuple[int, int, int]:
    """Names in gold, predicted and in both, from a file of predictions: nothing is shared."""
    golds, founds = set(), set()
    lines = path.read_text(encoding="utf-8").split("\n")
    for column, spans in ((2, golds), (3, founds)):
        start = None
        for number, line in enumerate([*lines, ""]):
            tag = line.split("\t")[column] if line.count("\t") == 3 else "O"
            if start is not None and tag != "I-PER":
                spans.add((start, number))
                start = None
            if tag == "B-PER":
                start = number
    return len(golds), len(founds), len(golds & founds)


def test_figures_agree_with_the_written_predictions(files: Path, tmp_path: Path) -> None:
    made = evaluate_all(request_for(files), predictions_folder=tmp_path)
    for cell in made.report["cells"]:
        names = cell["names"]
        path = tmp_path / f"{cell['model']}__{cell['corpus']}.conll"
        assert recomputed(path) == (names["support"], names["predicted"], names["correct"])
        for groups in (cell["by_name_length"], cell["by_sentence_length"], cell["by_case"]):
            assert [sum(row[key] for row in groups.values()) for key in  # type: ignore[literal-required]
                    ("support", "predicted", "correct")] == list(recomputed(path))  # fmt: skip


def test_intervals_and_comparisons(made: Made) -> None:
    for cell in made.report["cells"]:
        assert (cell["unit"], cell["units"]) == (
            "document", 30 if cell["corpus"] == "news.bio" else 12,
        )  # fmt: skip
        low, high = cell["names"]["interval"]["f1"] or (1.0, 0.0)
        assert low < (cell["names"]["f1"] or 0) < high
    news, _ = made.report["comparisons"]
    assert (news["a"], news["b"], news["better"]) == ("bad", "good", "good")
    assert (news["difference"] or 0) > 0.1
    assert news["p"] == 1 / 301
    assert news["fixes"] > news["breaks"]
    assert "good is better than bad on all of 2 corpora." in made.report["verdicts"]


def test_totals_are_sums_and_means(made: Made) -> None:
    rows = {row["model"]: row for row in made.report["totals"]}
    cells = [cell for cell in made.report["cells"] if cell["model"] == "good"]
    micro = rows["good"]["micro"]["names"]
    assert micro["support"] == sum(cell["names"]["support"] for cell in cells)
    assert micro["correct"] == sum(cell["names"]["correct"] for cell in cells)
    assert rows["good"]["macro"]["names"]["f1"] == pytest.approx(
        sum(cell["names"]["f1"] or 0 for cell in cells) / 2
    )


def test_kinds_are_means_of_corpora(files: Path) -> None:
    data = [f"both={files}/news.bio", f"both={files}/web.bio"]
    made = evaluate_all(request_for(files, data=data, stress=["upper"]))
    f1 = {(c["model"], c["corpus"]): c["names"] for c in made.report["cells"] if not c["skipped"]}
    assert {corpus["kind"] for corpus in made.report["corpora"]} == {"both"}
    assert len(made.report["kinds"]) == 8  # the kind and the mean, two systems, as it is and upper
    both, *_ = (row for row in made.report["kinds"] if row["model"] == "good")
    news, web = (f1["good", f"both/{name}.bio"] for name in ("news", "web"))
    assert both["f1"] == pytest.approx(((news["f1"] or 0) + (web["f1"] or 0)) / 2)
    low, high = both["interval"] or (1.0, 0.0)
    assert low < (both["f1"] or 0) < high
    wider = max(web["interval"]["f1"] or (0.0, 0.0)) - min(web["interval"]["f1"] or (0.0, 0.0))
    assert high - low < wider
    # predictions are for the words as they are, and no figure is made up for others
    assert {row["f1"] for row in made.report["kinds"] if row["stress"]} == {None}


def test_sentences_hold_every_name_and_error(made: Made) -> None:
    assert not any(row["tokens"][0] == "Rain" and not any(row["predictions"].values())
                   for row in made.sentences)  # fmt: skip
    for cell in made.report["cells"]:
        rows = [row for row in made.sentences if row["corpus"] == cell["corpus"]]
        kinds = [k for row in rows for k in row["errors"][cell["model"]]["gold"] if k]
        wrong = [k for row in rows for k in row["errors"][cell["model"]]["predicted"]]
        names = cell["names"]
        assert len(kinds) == names["support"]
        assert len(wrong) == names["predicted"]
        assert kinds.count("correct") == wrong.count("correct") == names["correct"]
        assert wrong.count("boundary") == cell["errors"]["false_positives"]["boundary"]
    seen = {flag for row in made.sentences for flag in row["seen"]}
    assert seen == {"seen", None}


def test_one_document_is_resampled_by_sentence(files: Path, tmp_path: Path) -> None:
    flat = tmp_path / "flat.bio"
    text = (files / "news.bio").read_text(encoding="utf-8").replace("-DOCSTART-\tO\n\n", "")
    flat.write_text(text, encoding="utf-8")
    made = evaluate_all(
        request_for(files, data=[str(flat)], predictions=[f"{files}/good-news.bio"])
    )
    (cell,) = made.report["cells"]
    assert (cell["unit"], cell["units"]) == ("sentence", 150)


def test_a_corpus_without_persons_has_no_f1(tmp_path: Path) -> None:
    gold = tmp_path / "none.bio"
    gold.write_text("it O\nsaid O\n\nParis B-LOC\n", encoding="utf-8")
    theirs = tmp_path / "theirs.bio"
    theirs.write_text("it O\nsaid O\n\nParis O\n", encoding="utf-8")
    made = evaluate_all(Request(predictions=[str(theirs)], data=[str(gold)], rounds=50))
    (cell,) = made.report["cells"]
    assert cell["names"]["f1"] is None
    assert cell["names"]["interval"]["f1"] is None
    assert cell["undefined"] == (
        "no person in the gold standard and none predicted: F1 is undefined, neither 0 nor 1"
    )
    assert made.report["totals"][0]["macro"]["names"]["f1"] is None
    text = markdown(made.report, figures(made.report))
    assert "| theirs.bio | none.bio | 0 | – | – | **–** | – |" in text


def test_what_cannot_be_used_among_many_is_reported_and_the_rest_done(files: Path) -> None:
    (files / "short.bio").write_text("Maria B-PER\nSilva\n")
    request = request_for(
        files,
        models=[f"{files}/absent"],
        data=[f"{files}/news.bio", f"{files}/short.bio"],
    )
    made = evaluate_all(request)
    problems = " ".join(map(str, made.problems))
    assert "short.bio:2: 1 column" in problems
    assert "absent does not exist: a model is a folder" in problems
    assert "bad-web.bio ends after 60 of the 150 sentences" in problems, "fits no corpus"
    cells = {(cell["model"], cell["corpus"]): cell for cell in made.report["cells"]}
    assert cells["absent", "news.bio"]["skipped"] is not None
    assert cells["good", "short.bio"]["skipped"] is not None
    assert cells["good", "news.bio"]["skipped"] is None


def test_nothing_usable_is_an_error(files: Path) -> None:
    with pytest.raises(UserError, match=r"absent\.bio does not exist"):
        evaluate_all(request_for(files, data=[f"{files}/absent.bio"]))
    with pytest.raises(UserError, match=r"good-web.bio:\d+: predicts for more"):
        evaluate_all(
            request_for(
                files, predictions=[f"{files}/good-web.bio"], data=[first_of(files / "web.bio")]
            )
        )
    with pytest.raises(ConfigError, match="nothing is given to score"):
        evaluate_all(request_for(files, predictions=[]))
    with pytest.raises(ConfigError, match="needs lists of names"):
        evaluate_all(request_for(files, stress=["swap"]))


def first_of(path: Path) -> str:
    part = path.with_name("part.bio")
    part.write_text(path.read_text(encoding="utf-8").split("\n\n", 2)[1] + "\n", encoding="utf-8")
    return str(part)


def test_copies_of_the_same_bytes_are_reported(files: Path, tmp_path: Path) -> None:
    twin = tmp_path / "twin.bio"
    twin.write_bytes((files / "news.bio").read_bytes())
    made = evaluate_all(request_for(files, data=[f"{files}/news.bio", str(twin)]))
    assert (
        "the same bytes as news.bio: totals count them twice" in made.report["corpora"][1]["notes"]
    )


def test_names_are_short_and_distinct() -> None:
    given = ["runs/a", "x=runs/b", "wnut17/test.bio", "uner/test.bio", "p/q/seed-1", "eng.testb"]
    assert [name for name, _ in name_all(given)] == [
        "a", "x", "wnut17/test.bio", "uner/test.bio", "q/seed-1", "eng.testb",
    ]  # fmt: skip
    assert [name for name, _ in name_all(["m/x/run", "m/y/run"])] == ["x/run", "y/run"]
    with pytest.raises(ConfigError, match="runs/a is given twice, as number 1 and 2"):
        name_all(["runs/a", "runs/a"])
    with pytest.raises(ConfigError, match="two are called 'x'"):
        name_all(["x=a", "x=b"])


def test_a_model_without_logs_has_no_curve(tmp_path: Path) -> None:
    assert training_curve(tmp_path) == []
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "metrics.csv").write_text(
        "dev_f1,epoch,step,train_loss_epoch\n0.5,0,9,\n,0,9,2.0\n,1,12,\n0.7,1,19,\n,1,19,nan\n"
    )
    assert training_curve(tmp_path) == [
        {"epoch": 1, "loss": 2.0, "dev_f1": 0.5},
        {"epoch": 2, "loss": None, "dev_f1": 0.7},
    ]


# --- the folder ---


def test_a_folder_of_a_report(made: Made, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    notices: list[str] = []
    write_report(made, tmp_path / "may", notices.append)
    assert notices == []
    assert json.loads((tmp_path / "may" / "report.json").read_text("utf-8")) == json.loads(
        json.dumps(made.report)
    )
    text = (tmp_path / "may" / "report.md").read_text("utf-8")
    for plot in re.findall(r"\]\((plots/[^)]+)\)", text):
        ET.parse(tmp_path / "may" / plot)
    assert "plots/f1.svg" in text and "plots/heat.svg" in text
    assert (tmp_path / "may" / "report.html").stat().st_size > 10_000
    assert not list(tmp_path.rglob("*.partial"))


def test_markdown_tables_are_whole(made: Made) -> None:
    lines = markdown(made.report, []).split("\n")
    width = None
    for line in lines:
        if not line.startswith("|"):
            width = None
            continue
        cells = len(re.findall(r"(?<!\\)\|", line))
        assert width in (None, cells), line
        width = cells
    assert sum(line.startswith("#") for line in lines) >= 8


def test_markdown_is_escaped(files: Path) -> None:
    name = "a|b*<script>"
    made = evaluate_all(
        request_for(
            files, predictions=[f"{name}={files}/good-news.bio"], data=[f"{files}/news.bio"]
        )
    )
    text = markdown(made.report, figures(made.report))
    assert "<script>" not in text
    assert escape_markdown(name) in text
    svg = figures(made.report)[0]["svg"]
    assert "<script" not in svg
    assert "a|b*&lt;script&gt;" in svg


def test_plots_stand_beside_each_other_in_a_page(made: Made) -> None:
    drawn = figures(made.report)
    assert [figure["kind"] for figure in drawn] == ["f1", "heat"], "no scores: no calibration"
    svg = drawn[0]["svg"]
    ET.fromstring(svg)
    assert svg.startswith("<svg ")
    assert "currentColor" in svg
    assert "#010203" not in svg
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert all(one.startswith("f1-") for one in ids)
    assert set(re.findall(r'href="#([^"]+)"', svg)) <= set(ids)
    assert "bad on web.bio" in drawn[0]["alt"], "the lowest"
    assert figures(made.report) == drawn, "the same numbers give the same plot"


def test_settings_of_reading_are_for_predictions_too(tmp_path: Path) -> None:
    (tmp_path / "gold").write_text("B-PER Maria\nO sang\n")
    (tmp_path / "theirs").write_text("B-PER Maria\nO sang\n")
    made = evaluate_all(
        Request(
            predictions=[str(tmp_path / "theirs")],
            data=[str(tmp_path / "gold")],
            settings=DataConfig(token_column=1, tag_column=0),
            rounds=20,
        )
    )
    assert made.report["cells"][0]["names"]["f1"] == 1.0
