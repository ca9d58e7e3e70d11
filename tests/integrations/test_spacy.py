"""The spaCy component, run by spaCy itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ner_rnn.errors import BundleError
from ner_rnn.runtime.tagger import Tagger

spacy = pytest.importorskip("spacy", reason="needs spaCy: pip install 'ner-rnn[spacy]'")

TEXT = "Yesterday Maria Silva met John Smith.\n\nThe firm hired Dr. Li Wei, it said."
NAMES = ["Maria Silva", "John Smith", "Li Wei"]


@pytest.fixture
def nlp(small_model: Path) -> spacy.Language:
    pipeline = spacy.blank("en")
    pipeline.add_pipe("ner_rnn", config={"model": str(small_model)})
    return pipeline


def texts(doc: spacy.tokens.Doc) -> list[str]:
    return [ent.text for ent in doc.ents]


def test_names_become_entities_with_scores(nlp: spacy.Language) -> None:
    doc = nlp(TEXT)
    assert texts(doc) == NAMES
    assert {ent.label_ for ent in doc.ents} == {"PERSON"}
    assert all(0 < ent._.name_score <= 1 for ent in doc.ents)
    assert [token.text for token in doc if token.ent_iob_ == "B"] == ["Maria", "John", "Li"]


def test_the_model_is_built_in_by_default(built_in: Path, tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("ner_rnn")
    assert texts(nlp(TEXT)) == NAMES
    nlp.to_disk(tmp_path / "pipeline")
    (built_in / "en" / "weights.safetensors").unlink()
    assert texts(spacy.load(tmp_path / "pipeline")(TEXT)) == NAMES


def test_no_import_is_needed(small_model: Path, tmp_path: Path) -> None:
    code = (
        "import spacy, sys; nlp = spacy.blank('en');"
        f"nlp.add_pipe('ner_rnn', config={{'model': {str(small_model)!r}, 'label': 'PER'}});"
        f"print(*[(e.text, e.label_) for e in nlp({TEXT!r}).ents])"
    )
    # elsewhere: a stale .egg-info in this checkout would speak for the package
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout.strip() == " ".join(str((name, "PER")) for name in NAMES), done.stderr


def test_answers_are_those_of_the_tagger(nlp: spacy.Language, small_model: Path) -> None:
    # spaCy and we cut this text alike
    names = Tagger.load(small_model).tag(TEXT).names
    found = [(e.start_char, e.end_char, e._.name_score) for e in nlp(TEXT).ents]
    assert [place[:2] for place in found] == [(name.start, name.end) for name in names]
    assert [place[2] for place in found] == pytest.approx([name.score for name in names], abs=1e-5)


def test_pipe_keeps_the_order_and_changes_nothing(nlp: spacy.Language) -> None:
    stream = [TEXT, "", "  \n", "Olga Petrov spoke in Paris.", "Nothing."] * 7
    one_by_one = [texts(nlp(text)) for text in stream]
    for batch_size in (1, 4, 1000):
        docs = list(nlp.pipe(stream, batch_size=batch_size))
        assert [doc.text for doc in docs] == stream
        assert [texts(doc) for doc in docs] == one_by_one


def test_pipe_reads_no_more_than_it_must(nlp: spacy.Language) -> None:
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield TEXT

    stream = nlp.pipe(endless(), batch_size=4)
    assert texts(next(stream)) == NAMES
    assert len(taken) < 100


def test_several_processes(nlp: spacy.Language) -> None:
    docs = list(nlp.pipe([TEXT] * 6, n_process=2, batch_size=2))
    assert [texts(doc) for doc in docs] == [NAMES] * 6


def test_min_score_leaves_out_the_unsure(small_model: Path, nlp: spacy.Language) -> None:
    scores = sorted(ent._.name_score for ent in nlp(TEXT).ents)
    strict = spacy.blank("en")
    strict.add_pipe("ner_rnn", config={"model": str(small_model), "min_score": scores[1]})
    assert len(strict(TEXT).ents) == 2


@pytest.mark.parametrize(
    ("overwrite", "expected"),
    [
        (False, [("Yesterday", "DATE"), ("Silva", "ORG"), ("John Smith", "PERSON")]),
        (True, [("Yesterday", "DATE"), ("Maria Silva", "PERSON"), ("John Smith", "PERSON")]),
    ],
)
def test_other_entities_stay(
    small_model: Path, overwrite: bool, expected: list[tuple[str, str]]
) -> None:
    pipeline = spacy.blank("en")
    rules = pipeline.add_pipe("entity_ruler")
    rules.add_patterns([{"label": "DATE", "pattern": "Yesterday"}])
    rules.add_patterns([{"label": "ORG", "pattern": "Silva"}])
    pipeline.add_pipe("ner_rnn", config={"model": str(small_model), "overwrite": overwrite})
    doc = pipeline("Yesterday Maria Silva met John Smith.")
    assert [(ent.text, ent.label_) for ent in doc.ents] == expected
    assert [ent._.name_score is None for ent in doc.ents] == [e[1] != "PERSON" for e in expected]


def test_sentences_are_spacys_where_it_has_them() -> None:
    from ner_rnn.integrations.spacy import tokenized_text

    blank = spacy.blank("en")
    text = " Dr. Li spoke.  He\n\nleft. "

    def cut(doc: spacy.tokens.Doc) -> list[str]:
        found = tokenized_text(doc)
        assert found.text == text
        return [" ".join(text[a:b] for a, b in words) for words in found.sentences]

    assert cut(blank(text)) == ["Dr. Li spoke .", "He", "left ."]
    blank.add_pipe("sentencizer")
    assert cut(blank(text)) == ["Dr. Li spoke .", "He left ."]


def test_a_saved_pipeline_takes_its_model_along(nlp: spacy.Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path / "pipeline")
    nlp.to_disk(tmp_path / "pipeline")  # once more over it
    (tmp_path / "pipeline").rename(tmp_path / "moved")
    config = (tmp_path / "moved" / "config.cfg").read_text()
    (tmp_path / "moved" / "config.cfg").write_text(
        "\n".join(
            'model = "nowhere"' if line.startswith("model =") else line
            for line in config.splitlines()
        )
    )
    again = spacy.load(tmp_path / "moved")
    assert texts(again(TEXT)) == NAMES
    again.to_disk(tmp_path / "moved")  # over the model that it reads
    assert texts(spacy.load(tmp_path / "moved")(TEXT)) == NAMES


def test_a_wrong_folder_is_told() -> None:
    pipeline = spacy.blank("en")
    pipeline.add_pipe("ner_rnn", config={"model": "no/such/model"})
    with pytest.raises(BundleError, match="no/such/model does not exist"):
        pipeline(TEXT)


def test_without_spacy_the_extra_is_named() -> None:
    code = "import sys; sys.modules['spacy'] = None; import ner_rnn.integrations.spacy"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert "needs spacy, which is not installed: pip install 'ner-rnn[spacy]'" in done.stderr
