"""Corpora in the formats of annotation tools, read by the one door."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ner_rnn_cli.main import main
from spacy.tokens import DocBin

from ner_rnn.corpora.corpus import Corpus
from ner_rnn.corpora.formats import FORMATS, recognise_format
from ner_rnn.corpora.read import read, read_splits
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.text.tokenize import tokenize

Given = list[tuple[str, list[tuple[int, int, str]]]]
"""Texts with spans in characters."""

TWO: Given = [
    (
        "Dr. Maria Silva met\nJ. Kowalski in Rome. He left.",
        [(4, 15, "PER"), (20, 31, "PER"), (35, 39, "LOC")],
    ),
    ("Nobody came \U0001f600.", []),
]


def lines(values: list[Any]) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


def doccano(given: Given, folder: Path) -> Path:
    path = folder / "doccano.jsonl"
    path.write_text(lines([{"id": 7, "text": t, "label": s, "Comments": []} for t, s in given]))
    return path


def doccano_relations(given: Given, folder: Path) -> Path:
    path = folder / "relations.jsonl"
    path.write_text(
        lines(
            [
                {
                    "text": text,
                    "entities": [
                        {"id": n, "start_offset": a, "end_offset": b, "label": label}
                        for n, (a, b, label) in enumerate(spans)
                    ],
                    "relations": [],
                }
                for text, spans in given
            ]
        )
    )
    return path


def prodigy(given: Given, folder: Path) -> Path:
    path = folder / "prodigy.jsonl"
    records: list[dict[str, Any]] = [
        {
            "text": text,
            "spans": [{"start": a, "end": b, "label": label} for a, b, label in spans],
            "answer": "accept",
        }
        for text, spans in given
    ]
    path.write_text(lines(records))
    return path


def pairs(given: Given, folder: Path) -> Path:
    path = folder / "pairs.json"
    path.write_text(json.dumps([[text, {"entities": spans}] for text, spans in given]))
    return path


def spacy_lines(given: Given, folder: Path) -> Path:
    path = folder / "spacy.jsonl.gz"
    content = lines([{"text": text, "entities": spans} for text, spans in given])
    path.write_bytes(gzip.compress(content.encode()))
    return path


def label_studio(given: Given, folder: Path) -> Path:
    path = folder / "export.json"
    tasks = []
    for number, (text, spans) in enumerate(given):
        result = [
            {
                "id": "x",
                "type": "labels",
                "from_name": "label",
                "to_name": "text",
                "value": {"start": a, "end": b, "text": text[a:b], "labels": [label]},
            }
            for a, b, label in spans
        ]
        annotation = {"id": number, "result": result, "was_cancelled": False}
        tasks.append({"id": number, "data": {"body": text}, "annotations": [annotation]})
    path.write_text(json.dumps(tasks, indent=2))
    return path


def label_studio_min(given: Given, folder: Path) -> Path:
    path = folder / "min.json"
    path.write_text(
        json.dumps(
            [
                {
                    "text": text,
                    "label": [
                        {"start": a, "end": b, "text": text[a:b], "labels": [label]}
                        for a, b, label in spans
                    ],
                }
                for text, spans in given
            ]
        )
    )
    return path


def brat(given: Given, folder: Path) -> Path:
    path = folder / "brat"
    shutil.rmtree(path, ignore_errors=True)
    (path / "deep").mkdir(parents=True)
    for number, (text, spans) in enumerate(given):
        file = path / "deep" / f"{number}.txt"
        file.write_bytes(text.encode())
        marks = []
        for n, (a, b, label) in enumerate(spans, start=1):
            shown = text[a:b].replace("\n", " ")
            marks.append(f"T{n}\t{label} {a} {b}\t{shown}\n#{n}\tNote T{n}\tx\n")
        file.with_suffix(".ann").write_bytes("".join(marks).encode())
    return path


def doc_bin(given: Given, folder: Path) -> Path:
    path = folder / "docs.spacy"
    nlp = spacy.blank("en")
    docs = []
    for text, spans in given:
        doc = nlp(text)
        found = [doc.char_span(*span, alignment_mode="expand") for span in spans]
        doc.ents = [span for span in found if span is not None]
        docs.append(doc)
    DocBin(docs=docs).to_disk(path)
    return path


def parquet(given: Given, folder: Path) -> Path:
    path = folder / "spans.parquet"
    datasets.disable_progress_bars()
    rows = [
        {"text": t, "spans": [{"start": a, "end": b, "label": label} for a, b, label in s]}
        for t, s in given
    ]
    datasets.Dataset.from_list(rows).to_parquet(path)
    return path


WRITERS = [
    doccano, doccano_relations, prodigy, pairs, spacy_lines, label_studio, label_studio_min, brat,
    doc_bin, parquet,
]  # fmt: skip
Write = Callable[[Given, Path], Path]


def found_in(corpus: Corpus) -> list[list[tuple[str, str]]]:
    """Return the names of each document: text and label."""
    names: dict[str, list[tuple[str, str]]] = {name: [] for name in corpus.documents}
    for document, words, spans in zip(corpus.documents, corpus.tokens, corpus.spans, strict=True):
        names[document] += [(" ".join(words[a:b]), label) for a, b, label in spans]
    return list(names.values())


@pytest.mark.parametrize("write", WRITERS)
def test_every_format_is_read_alike(write: Write, tmp_path: Path) -> None:
    corpus = read(write(TWO, tmp_path))
    assert found_in(corpus) == [
        [("Maria Silva", "PER"), ("J. Kowalski", "PER"), ("Rome", "LOC")],
        [],
    ]
    assert corpus.tokens[0][:3] == ("Dr.", "Maria", "Silva")
    assert len(corpus.tokens) == 3
    assert corpus.scheme == "IOB2"
    assert any(note.startswith("read as ") for note in corpus.notes)
    assert len(corpus.sha256) == 64


alphabet = st.characters(codec="utf-8", exclude_characters="\r\n", exclude_categories=["Cc"])
words = st.one_of(st.sampled_from(["Maria", "Müller", "王", "\U0001f600", "x."]), st.text(alphabet))


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[tuple[int, int, str]]]:
    """Draw a text, and spans of whole words of our tokenizer that do not overlap."""
    text = " ".join(draw(st.lists(words, max_size=12)))
    places = [word for sentence in tokenize(text) for word in sentence]
    spans, at = [], 0
    while at < len(places):
        size = draw(st.integers(0, 3))
        if size:
            last = min(at + size, len(places)) - 1
            spans.append((places[at][0], places[last][1], draw(st.sampled_from(["PER", "LOC"]))))
        at += size + 1
    return text, spans


@pytest.mark.parametrize("write", [one for one in WRITERS if one is not doc_bin])
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_spans_of_whole_words_come_back(write: Write, tmp_path: Path, data: st.DataObject) -> None:
    given = data.draw(st.lists(marked(), min_size=1, max_size=4))
    given.append(("Maria spoke.", [(0, 5, "PER")]))  # so that there is a corpus
    corpus = read(write(given, tmp_path))
    expected = []
    for text, spans in given:
        places = [word for sentence in tokenize(text) for word in sentence]
        if places:
            expected.append(
                [
                    (" ".join(text[a:b] for a, b in places if start <= a and b <= end), label)
                    for start, end, label in spans
                ]
            )
    assert found_in(corpus) == expected


def test_conllu_has_names_in_its_last_column(tmp_path: Path) -> None:
    path = tmp_path / "x.conllu"
    rest = "_\t_\t_\t_\t_\t_\t_"
    path.write_text(
        "# newdoc id = 1\n# text = Maria du Bois rit\n"
        f"1\tMaria\t{rest}\tSpaceAfter=No|NE=B-PER\n2-3\tdu\t{rest}\t_\n2\tde\t{rest}\tNE=I-PER\n"
        f"3\tle\t{rest}\tNE=I-PER\n4\tBois\t{rest}\tNE=I-PER\n4.1\tx\t{rest}\t_\n5\trit\t{rest}\t_\n"
        f"\n# newdoc\n1\tIci\t{rest}\tNE=O\n"
    )
    corpus = read(path)
    assert corpus.tokens == [("Maria", "du", "Bois", "rit"), ("Ici",)]
    assert found_in(corpus) == [[("Maria du Bois", "PER")], []]
    path.write_text(f"1\tMaria\t{rest}\tSpaceAfter=No\n")
    assert main(["data", "check", str(path)]) == 2


def test_tokens_and_tags_in_rows(tmp_path: Path) -> None:
    rows = {"tokens": [["Maria", "spoke"]], "ner_tags": [["B-PER", "O"]]}
    (tmp_path / "a.jsonl").write_text('{"tokens": ["Maria", "spoke"], "ner_tags": ["B-PER", "O"]}')
    datasets.disable_progress_bars()
    datasets.Dataset.from_dict(rows).to_parquet(tmp_path / "a.parquet")
    for name in ("a.jsonl", "a.parquet"):
        assert found_in(read(tmp_path / name)) == [[("Maria", "PER")]]


def test_a_folder_of_parquet_may_hold_spans(tmp_path: Path) -> None:
    """As a list of spans, and by column, as datasets writes a sequence of records."""
    datasets.disable_progress_bars()
    span = {"start": 0, "end": 5, "label": "PER"}
    of_each = [[span], []]
    by_column = [{key: [value] for key, value in span.items()}, {key: [] for key in span}]
    kinds = {key: datasets.Value("string" if key == "label" else "int64") for key in span}
    features = {"text": datasets.Value("string"), "spans": datasets.Sequence(kinds)}
    for name, spans, schema in (
        ("each", of_each, None),
        ("column", by_column, datasets.Features(features)),
    ):
        folder = tmp_path / name
        folder.mkdir()
        rows = {"text": ["Maria spoke.", "No."], "spans": spans}
        datasets.Dataset.from_dict(rows, features=schema).to_parquet(folder / "train.parquet")
        for corpus in (
            read(folder / "train.parquet"),
            read_splits(DataConfig(corpus=str(folder), cache=str(tmp_path / "cache")))["train"],
        ):
            assert found_in(corpus) == [[("Maria", "PER")], []]
            assert corpus.notes[0] == "read as rows of text with spans"


def test_a_folder_of_splits_may_be_in_any_format(tmp_path: Path) -> None:
    brat(TWO, tmp_path).rename(tmp_path / "train")
    shutil.copytree(tmp_path / "train" / "deep", tmp_path / "other")
    shutil.copy(tmp_path / "other" / "0.txt", tmp_path / "dev.txt")
    shutil.copy(tmp_path / "other" / "0.ann", tmp_path / "dev.ann")
    doccano(TWO, tmp_path).rename(tmp_path / "test.jsonl")
    splits = read_splits(DataConfig(corpus=str(tmp_path), cache=str(tmp_path / "cache")))
    assert {split: corpus.names for split, corpus in splits.items()} == {
        "train": 2, "dev": 2, "test": 2,
    }  # fmt: skip


def test_columns_stay_columns(tmp_path: Path) -> None:
    """Brackets and quotes as first tokens, and columns that the user chose."""
    for first in ("[ O", "{ O", '["\tO', "[1] O", '"a" O'):
        path = tmp_path / "a.bio"
        path.write_text(f"{first}\nMaria B-PER\n")
        assert read(path).names == 1, first
    rest = "_\t_\t_\t_\t_\t_\t_"
    path.write_text(f"1\tMaria\t{rest}\tNE=X\n")
    assert recognise_format(path, path.read_bytes(), DataConfig(token_column=1)) == "columns"


def test_the_cache_gives_the_notes_again(tmp_path: Path) -> None:
    path = doccano([("Angela Merkels Reise", [(0, 13, "PER")])], tmp_path)
    data = DataConfig(train=str(path), cache=str(tmp_path / "cache"))
    first, second = (read_splits(data)["train"] for _ in range(2))
    assert first.notes == second.notes
    assert "grew to the whole word" in first.notes[1]
    assert first == second


def test_a_changed_text_of_brat_is_not_taken_from_the_cache(tmp_path: Path) -> None:
    folder = brat([("Maria spoke.", [(0, 5, "PER")])], tmp_path)
    data = DataConfig(train=str(folder / "deep" / "0.ann"), cache=str(tmp_path / "cache"))
    assert read_splits(data)["train"].tokens == [("Maria", "spoke", ".")]
    (folder / "deep" / "0.txt").write_text("Maria left.")
    assert read_splits(data)["train"].tokens == [("Maria", "left", ".")]
    whole = DataConfig(train=str(folder), cache=str(tmp_path / "cache"))
    assert read_splits(whole)["train"].names == 1


@pytest.mark.parametrize("write", [doccano, brat, parquet, doc_bin])
def test_evaluate_and_check_take_every_format(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(TWO, tmp_path)
    assert main(["data", "check", str(path)]) == 0
    told = capsys.readouterr().err
    assert "read as " in told
    output = str(tmp_path / "report")
    words = ["evaluate", "--model", "en", "--data", str(path), "--json", "--stress", "none"]
    assert main([*words, "--output", output]) == 0
    assert json.loads(capsys.readouterr().out)


def test_the_table_of_formats_is_in_the_documentation() -> None:
    page = Path(__file__, "..", "..", "..", "docs", "corpora.md").resolve().read_text("utf-8")
    for one in FORMATS:
        assert one.title in page
        assert one.example.replace("\t", " TAB ") in page
