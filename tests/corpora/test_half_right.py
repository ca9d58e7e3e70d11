"""Annotation that is half right: each fault is one line, and nothing is half read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ner_rnn_cli.main import main

from ner_rnn.corpora.corpus import Corpus
from ner_rnn.corpora.read import check_file, read
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import CorpusError, FileError, UserError

TEXT = "Maria Silva met Bob Dylan."
SPAN = [0, 11, "PER"]
GOOD = {"text": "Bob spoke.", "label": [[0, 3, "PER"]]}


def written(tmp_path: Path, *records: Any) -> Path:
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in records))
    return path


def names(corpus: Corpus) -> list[str]:
    return [
        " ".join(words[span.start : span.end])
        for words, spans in zip(corpus.tokens, corpus.spans, strict=True)
        for span in spans
    ]


FAULTS: list[tuple[Any, str]] = [
    ({"text": TEXT, "label": [[-1, 5, "PER"]]}, "begins before the text"),
    ({"text": TEXT, "label": [[11, 0, "PER"]]}, "ends before it begins"),
    ({"text": TEXT, "label": [[3, 3, "PER"]]}, "is empty"),
    ({"text": TEXT, "label": [[0, 99, "PER"]]}, "beyond the text, which has 26 characters"),
    ({"text": TEXT, "label": [[0.5, 5, "PER"]]}, "whole numbers"),
    ({"text": TEXT, "label": [["0", "5", "PER"]]}, "whole numbers"),
    ({"text": TEXT, "label": [[True, 5, "PER"]]}, "whole numbers"),
    ({"text": TEXT, "label": [[0, 5, 3]]}, "label of the span 0-5 is a number"),
    ({"text": TEXT, "label": [[0, 5, None]]}, "label of the span 0-5 is None"),
    ({"text": TEXT, "label": [[5, 6, "PER"]]}, "holds no word, only ' '"),
    ({"text": TEXT, "label": ["sports"]}, "labels of whole texts are no names"),
    ({"text": TEXT, "label": [[0, 5, "PER"], [0, 11, "PER"]]}, "two persons overlap: 'Maria"),
    ({"text": TEXT}, "is not annotated: none of spans, entities, label, labels"),
    ({"label": [SPAN]}, "has no text under the key text (its keys: label)"),
    ({"text": None, "label": []}, "has no text under the key text"),
    (["a", "b"], "no pair of a text and its spans"),
    (3, "3 is no record with a text"),
    (
        {"text": TEXT, "spans": [{"start": 0, "end": 5, "label": "PER", "text": "Mario"}]},
        "annotated as 'Mario', but 'Maria' stands there: the text was changed",
    ),
    (
        {"text": "So " + TEXT, "spans": [{"start": 0, "end": 5, "label": "P", "text": "Maria"}]},
        "(it stands at 3-8 now)",
    ),
    ({"data": {"a": "x", "b": "y"}, "annotations": [{"result": []}]}, "unclear which of the data"),
    (
        {"data": {"text": "x"}, "annotations": [{"result": [{"type": "hypertextlabels",
         "value": {}}]}]},
        "count places of a page",
    ),
    (
        {"data": {"text": TEXT}, "annotations": [{"result": []}, {"result": [
            {"value": {"start": 0, "end": 5, "labels": ["PER"]}}]}]},
        "2 annotations of the task disagree",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("record", "what"), FAULTS)
def test_each_fault_is_one_line_with_its_place(record: Any, what: str, tmp_path: Path) -> None:
    path = written(tmp_path, GOOD, record)
    with pytest.raises(CorpusError) as caught:
        read(path)
    line = str(caught.value)
    assert line.startswith(f"{path}:2: ")
    assert what in line
    assert "\n" not in line


def test_all_faults_of_a_file_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, GOOD, *(record for record, _ in FAULTS))
    with path.open("a") as file:
        file.write('{"text": \n')
    _, errors = check_file(str(path), DataConfig())
    assert len(errors) == len(FAULTS) + 1
    assert main(["data", "check", str(path)]) == 2
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == len(errors)
    assert f"{path}:{len(FAULTS) + 2}: not JSON" in shown[0]


def test_a_span_that_ends_inside_a_word_grows_to_it(tmp_path: Path) -> None:
    corpus = read(written(tmp_path, {"text": "Angela Merkels Reise", "label": [[1, 13, "PER"]]}))
    assert names(corpus) == ["Angela Merkels"]
    assert corpus.notes[1].startswith("1 span began or ended inside a word and grew")
    assert "mine.jsonl:1, 'ngela Merkel' -> 'Angela Merkels'" in corpus.notes[1]


def test_white_space_around_a_span_does_not_matter(tmp_path: Path) -> None:
    corpus = read(written(tmp_path, {"text": " Bob  spoke", "label": [[0, 6, "PER"]]}))
    assert names(corpus) == ["Bob"]
    assert corpus.notes == ["read as doccano"]


def test_of_overlapping_spans_the_person_is_kept(tmp_path: Path) -> None:
    label = [[0, 26, "ORG"], [0, 11, "PER"], [0, 11, "PER"], [16, 25, "LOC"], [16, 19, "MISC"]]
    corpus = read(written(tmp_path, {"text": TEXT, "label": label}))
    assert names(corpus) == ["Maria Silva", "Bob Dylan"]
    assert [note for note in corpus.notes if note.startswith("2 spans overlapped another")]
    data = DataConfig(person_labels=("ORG",))
    found = [span for spans in read(written(tmp_path, {"text": TEXT, "label": label}), data).spans
             for span in spans]  # fmt: skip
    assert [span.label for span in found] == ["PER"]


def test_two_names_in_one_word_and_a_name_over_two_sentences(tmp_path: Path) -> None:
    records = [
        {"text": "BobMaria came", "label": [[0, 3, "PER"], [3, 8, "PER"]]},
        {"text": "So Bob\n\nDylan sang.", "label": [[3, 13, "PER"]]},
    ]
    corpus = read(written(tmp_path, *records))
    assert names(corpus) == ["BobMaria", "Bob Dylan"]
    assert len(corpus.tokens) == 2
    assert any("belongs to the span before" in note for note in corpus.notes)
    assert any("went across the end of a sentence" in note for note in corpus.notes)


ODD = "\U0001f600 Zoë Silva met J. Müller. Then Bob Dylan sang."
PEOPLE = ("Zoë Silva", "J. Müller", "Bob Dylan")
UNITS = {
    "UTF-16 units": lambda text: len(text.encode("utf-16-le")) // 2,
    "bytes of UTF-8": lambda text: len(text.encode()),
}


def places(unit: str) -> list[tuple[int, int, str]]:
    length = UNITS[unit]
    found = []
    for name in PEOPLE:
        at = ODD.index(name)
        found.append((length(ODD[:at]), length(ODD[: at + len(name)]), name))
    return found


@pytest.mark.parametrize("unit", UNITS)
def test_offsets_in_another_unit_are_told(unit: str, tmp_path: Path) -> None:
    label = [[start, end, "PER"] for start, end, _ in places(unit)]
    path = written(tmp_path, {"text": ODD, "label": label})
    with pytest.raises(CorpusError, match=f"{path}:1: offsets seem to count {unit}"):
        read(path)


@pytest.mark.parametrize("unit", UNITS)
def test_texts_of_spans_prove_the_unit(unit: str, tmp_path: Path) -> None:
    result = [
        {"value": {"start": start, "end": end, "text": name, "labels": ["PER"]}}
        for start, end, name in places(unit)
    ]
    corpus = read(written(tmp_path, {"data": {"text": ODD}, "annotations": [{"result": result}]}))
    assert names(corpus) == list(PEOPLE)
    assert any(f"offsets count {unit}, as the texts of" in note for note in corpus.notes)


def test_offsets_of_odd_text_in_characters_are_no_fault(tmp_path: Path) -> None:
    label = [[ODD.index(name), ODD.index(name) + len(name), "PER"] for name in PEOPLE]
    label[1][1] -= 1  # one that ends inside a word
    assert names(read(written(tmp_path, {"text": ODD, "label": label}))) == list(PEOPLE)


def test_what_is_not_answered_is_left_out_and_told(tmp_path: Path) -> None:
    records: list[Any] = [
        {"text": TEXT, "spans": [{"start": 0, "end": 5, "label": "PER"}], "answer": "accept"},
        {"text": "Nobody.", "answer": "accept"},
        {"text": "Bob.", "spans": [{"start": 0, "end": 3, "label": "PER"}], "answer": "reject"},
        {"text": "Bob.", "answer": "ignore"},
        {"text": "Bob.", "spans": []},
        {"text": "Bob.", "spans": [], "answer": "accept", "_is_binary": True},
    ]
    corpus = read(written(tmp_path, *records))
    assert corpus.tokens == [("Maria", "Silva", "met", "Bob", "Dylan", "."), ("Nobody", ".")]
    assert sum("1 record left out" in note for note in corpus.notes) == 4
    assert any("mine.jsonl:3" in note and "'reject'" in note for note in corpus.notes)
    with pytest.raises(CorpusError, match=r"nothing is annotated there: 2 records left out"):
        read(written(tmp_path, {"text": "a", "answer": "reject"}, {"text": "", "answer": "reject"}))


def test_of_several_annotations_the_ground_truth_is_read(tmp_path: Path) -> None:
    def annotation(start: int, end: int, **more: bool) -> dict[str, Any]:
        return {"result": [{"value": {"start": start, "end": end, "labels": ["PER"]}}], **more}

    task = {
        "data": {"text": TEXT},
        "annotations": [
            annotation(0, 5, was_cancelled=True),
            annotation(16, 25, ground_truth=True),
            annotation(0, 11),
        ],
    }
    skipped = {"data": {"text": "x"}, "annotations": [annotation(0, 1, was_cancelled=True)]}
    predicted = {"data": {"text": "x"}, "annotations": [], "predictions": [annotation(0, 1)]}
    corpus = read(written(tmp_path, task, skipped, predicted))
    assert names(corpus) == ["Bob Dylan"]
    assert any("skipped by its annotator" in note for note in corpus.notes)
    assert any("nobody has confirmed" in note for note in corpus.notes)


def test_brat_half_right(tmp_path: Path) -> None:
    text, marks = tmp_path / "a.txt", tmp_path / "a.ann"
    text.write_text("Angela, J. Merkel spoke.\n")
    marks.write_text("T1\tPER 0 6;11 17\tAngela Merkel\r\n")
    (tmp_path / "b.txt").write_text("not annotated\n")
    corpus = read(tmp_path)
    assert names(corpus) == ["Angela , J. Merkel"]
    assert any("1 span in several pieces" in note and "a.ann:1" in note for note in corpus.notes)
    assert any("no .ann beside" in note and "b.txt" in note for note in corpus.notes)
    marks.write_text("T1\tPER 0 6\tAngelo\n")
    with pytest.raises(CorpusError, match=r"a\.ann:1: the span 0-6 was annotated as 'Angelo'"):
        read(marks)
    marks.write_text("T1 PER 0 6 Angela\n")
    with pytest.raises(CorpusError, match=r"a\.ann:1: 'T1 PER 0 6 Angela' is no span of brat"):
        read(text)
    text.unlink()
    with pytest.raises(FileError, match=r"a\.txt does not exist"):
        read(marks)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.json", b"Maria B-PER\n", "does not begin as JSON does"),
        ("a.spacy", b"Maria B-PER\n", "does not begin as a DocBin of spaCy does"),
        ("a.spacy", b"\x78\x9c123", "is no DocBin of spaCy"),
        ("a.parquet", b"PAR1 no", "cannot be read as Parquet"),
        ("a.bio", b"<?xml version='1.0'?><a/>", "none of the formats that are read (CoNLL col"),
        ("a.json", b'[{"a": 2', ":1: not JSON"),
        ("a.json", b'[{"text": "x"}\n, {', ":2: not JSON"),
        ("a.json", b"[] []", ":1: not JSON"),
        ("a.json", b"[]", "nothing is annotated there: no record"),
        ("a.json", b"[" * 100_000, ":1: not JSON"),
        ("a.jsonl", b'{"tokens": ["a"], "ner_tags": [1]}', "numbers without names"),
        ("a.jsonl.gz", b"\x1f\x8b\x08\0123", "cannot be unpacked"),
        ("a.jsonl", b'{"text": "\xff"}', "is not utf-8 text"),
        ("a.jsonl", b"", "is empty"),
        ("a.jsonl", '{"text": "x"}'.encode("utf-16"), "begins utf-16"),
        ("a.csv", b"text,label\nMaria,PER\n", "none of the formats that are read"),
        ("a.jsonl", b'{"text": "x", "label": {"PER": [[0, 1]]}}', "is not annotated"),
        ("a.jsonl", b'{"text": "x", "label": {"start": [0], "end": 3}}', "is not annotated"),
    ],
)  # fmt: skip
def test_files_that_are_no_corpus(name: str, content: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read(path)
    assert what in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
