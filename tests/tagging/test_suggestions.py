"""Suggestions for annotation tools come back by the door of corpora; the least sure come first."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ner_rnn_cli.main import main

from ner_rnn.corpora.read import read
from ner_rnn.runtime.documents import Document, Name
from ner_rnn.tagging.stream import Source
from ner_rnn.tagging.suggestions.tool_formats import TOOLS, Tool
from ner_rnn.tagging.suggestions.uncertain import ALIKE, LONGEST, Uncertain, unlike
from ner_rnn.tagging.writers import Format, JsonLines
from ner_rnn.text.tokenize import tokenize

SOURCE = Source(0, "a.txt", "", id="7")
words = st.one_of(
    st.sampled_from(
        ["Maria", "Zoë", "\U0001f600", "王", "Mr.", "met.", "\n", "\r\n", '"', "\udc80"]
    ),
    st.text(max_size=5),
)


@st.composite
def tagged(draw: st.DrawFn) -> Document:
    """Draw a document whose names are words of our tokenizer, as a tagger finds them."""
    text = " ".join(draw(st.lists(words, max_size=15)))
    names, count = [], 0
    for sentence in tokenize(text):
        count += len(sentence)
        at = 0
        while at < len(sentence):
            size = draw(st.integers(0, 3))
            last = min(at + size, len(sentence)) - 1
            if size:
                start, end = sentence[at][0], sentence[last][1]
                names.append(Name(start, end, text[start:end], 0.75))
            at += size + 1
    return Document(text, names, words=count)


def written(format: Format, documents: list[Document], size: int = 2) -> bytes:
    file = io.BytesIO()
    writer = format.writer(file)
    for at in range(0, len(documents), size):
        writer.add(format.render([(SOURCE, one) for one in documents[at : at + size]]))
    writer.close()
    return file.getvalue()


def accepted(content: bytes) -> bytes:
    """Do as Label Studio does when its predictions are submitted."""
    tasks = json.loads(content)
    for task in tasks:
        task["annotations"] = task.pop("predictions")
    return json.dumps(tasks).encode()


@pytest.mark.parametrize("name", TOOLS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(documents=st.lists(tagged(), max_size=5))
def test_suggestions_come_back(name: str, documents: list[Document], tmp_path: Path) -> None:
    documents.append(Document("Maria spoke.", [Name(0, 5, "Maria", 0.5)], words=3))
    tool: Tool = TOOLS[name]
    content = written(tool, documents)
    path = tmp_path / f"suggestions{tool.ending}"
    path.write_bytes(accepted(content) if name == "label-studio" else content)
    corpus = read(path)
    expected = []
    for document in documents:
        clean = document.text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        for sentence, names in document.named_sentences():
            shown = [clean[start:end] for start, end in sentence]
            expected.append((shown, [(one.start, one.end) for one in names]))
    found = [
        (list(tokens), [span[:2] for span in spans])
        for tokens, spans in zip(corpus.tokens, corpus.spans, strict=True)
    ]
    assert found == expected


def test_doccano_prodigy_and_label_studio_have_the_keys_they_import() -> None:
    text = "So Zoë Smith left.\nHe sang."
    document = Document(text, [Name(3, 12, "Zoë Smith", 0.98765)], words=8)
    one = json.loads(written(TOOLS["doccano"], [document]))
    assert one == {"text": text, "label": [[3, 12, "PER"]], "meta": {"source": "a.txt", "id": "7"}}
    one = json.loads(written(TOOLS["prodigy"], [document]))
    assert one["spans"] == [
        {"start": 3, "end": 12, "token_start": 1, "token_end": 2, "label": "PER"}
    ]
    assert one["tokens"][3:5] == [
        {"text": "left", "start": 13, "end": 17, "id": 3, "ws": False},
        {"text": ".", "start": 17, "end": 18, "id": 4, "ws": True},
    ]
    (one,) = json.loads(written(TOOLS["label-studio"], [document]))
    (prediction,) = one["predictions"]
    assert one["data"]["text"] == text
    assert prediction["score"] == 0.9877
    (region,) = prediction["result"]
    assert region["value"] == {"start": 3, "end": 12, "text": "Zoë Smith", "labels": ["PER"]}
    assert (region["from_name"], region["to_name"], region["type"]) == ("label", "text", "labels")
    assert json.loads(written(TOOLS["label-studio"], [])) == []


def unsure(text: str, entropy: float, *names: Name) -> Document:
    count = sum(map(len, tokenize(text)))
    return Document(text, list(names), words=count, entropies=[entropy / count] * count)


def listed(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


def test_the_least_sure_come_first_and_one_of_those_alike() -> None:
    documents = [
        unsure("Invoice 12 of May 3 for Maria Silva of Rome is paid.", 3.0),
        unsure("Invoice 77 of May 9 for Maria Silva of Rome is paid.", 4.0),
        unsure("INVOICE 78 of May 9 for Joana Silva of Rome is paid.", 3.5),
        unsure("Will came.", 2.0),
        unsure("Mark left.", 5.0),
        unsure("It rained.", 0.0),
    ]
    found = listed(written(Uncertain(JsonLines(), 3), documents))
    assert [one["text"].split()[0] for one in found] == ["Mark", "Invoice", "Will"]
    assert "77" in found[1]["text"]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 7), st.integers(1, 7))
def test_parts_of_a_run_do_not_change_the_choice(seed: int, most: int, one: int, two: int) -> None:
    rng = random.Random(seed)
    documents = [
        unsure(" ".join(rng.choices("abcdefgh", k=rng.randint(1, 6))), rng.choice([1.0, 2.0, 3.0]))
        for _ in range(40)
    ]
    format = Uncertain(JsonLines(), most)
    assert written(format, documents, one) == written(format, documents, two)


@given(st.lists(st.frozensets(st.sampled_from("abcdefghijkl"), min_size=1), max_size=40))
def test_what_is_alike_is_found_as_by_comparing_every_pair(forms: list[frozenset[str]]) -> None:
    class Held:
        def __init__(self, form: frozenset[str]) -> None:
            self.form = form

    taken: list[frozenset[str]] = []
    for form in forms:
        if all(len(form & other) / len(form | other) < ALIKE for other in taken):
            taken.append(form)
    assert [one.form for one in unlike(map(Held, forms), 100)] == taken


def test_a_long_sentence_is_cut_but_no_name() -> None:
    text = "word " * (LONGEST - 1) + "Maria Silva " + "word " * 5 + "end"
    start = text.index("Maria")
    document = unsure(text, 9.0, Name(start, start + 11, "Maria Silva", 0.5))
    found = listed(written(Uncertain(JsonLines(), 5), [document]))
    assert [one["offset"] for one in found] == [0, start]
    assert found[1]["names"][0] | {"score": 0} == {
        "start": 0, "end": 11, "text": "Maria Silva", "score": 0,
    }  # fmt: skip
    for one in found:
        assert text[one["offset"] :].startswith(one["text"])


def test_the_choice_is_the_same_for_any_number_of_processes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(5)
    people = ["Maria", "Will", "Mark", "April", "Georgia", "Obi", "Rose", "Hope", "Lee", "Chase"]
    lines = [
        f"{rng.choice(people)} {rng.choice(['met', 'paid', 'saw'])} {rng.choice(people)} in "
        f"{rng.choice(people)} on {rng.randint(1, 30)} May, {' '.join(rng.sample(people, 3))}.\n"
        for _ in range(9000)
    ]
    for half in range(2):
        (tmp_path / f"{half}.txt").write_text("".join(lines[half::2]))
    outputs = []
    for workers in ("1", "2"):
        output = tmp_path / f"{workers}.jsonl"
        command = ["tag", str(tmp_path / "0.txt"), str(tmp_path / "1.txt"), "--format", "doccano"]
        command += ["--uncertain", "20", "--workers", workers, "--output", str(output)]
        assert main(command) == 0
        outputs.append(output.read_text())
    assert outputs[0] == outputs[1]
    found = [json.loads(line) for line in outputs[0].splitlines()]
    assert len(found) == 20
    entropies = [one["meta"]["entropy"] for one in found]
    assert entropies == sorted(entropies, reverse=True)
    assert read(tmp_path / "1.jsonl").names > 0
    texts = {half: (tmp_path / f"{half}.txt").read_text() for half in range(2)}
    for one in found:
        text = texts[int(Path(one["meta"]["source"]).stem)]
        assert text[one["meta"]["offset"] :].startswith(one["text"])


def test_uncertain_is_one_list_without_redaction(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("Maria spoke.")
    for more in (["--redact", "X"], ["--output", str(tmp_path / "out") + "/"]):
        assert main(["tag", str(tmp_path / "a.txt"), "--uncertain", "3", *more]) == 2
        assert "one list of the passages of all inputs" in capsys.readouterr().err
