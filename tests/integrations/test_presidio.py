"""The Presidio recognizer, run by Presidio's own engines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ner_rnn.errors import BundleError
from ner_rnn.runtime.tagger import Tagger

presidio = pytest.importorskip(
    "presidio_analyzer", reason="needs Presidio: pip install 'ner-rnn[presidio]'"
)

TEXT = "Yesterday Maria Silva met John Smith, maria@example.org."


@pytest.fixture
def tagger(small_model: Path) -> Tagger:
    return Tagger.load(small_model)


def spacy_engine(languages: list[str]) -> presidio.nlp_engine.NlpEngine:
    """Presidio's usual engine, with pipelines that know nothing in place of downloaded ones."""
    import spacy

    made = presidio.nlp_engine.SpacyNlpEngine()
    made.nlp = {language: spacy.blank(language) for language in languages}
    return made


def engine(*recognizers: presidio.EntityRecognizer) -> presidio.AnalyzerEngine:
    languages = sorted({recognizer.supported_language for recognizer in recognizers})
    registry = presidio.RecognizerRegistry(list(recognizers), supported_languages=languages)
    return presidio.AnalyzerEngine(
        registry=registry,
        nlp_engine=spacy_engine(languages),
        supported_languages=languages,
    )


def found(analyzer: presidio.AnalyzerEngine, **options: object) -> list[tuple[str, str]]:
    results = analyzer.analyze(TEXT, **{"language": "en", **options})
    return [(TEXT[r.start : r.end], r.entity_type) for r in sorted(results, key=lambda r: r.start)]


def test_the_model_is_built_in_by_default(built_in: Path) -> None:
    from ner_rnn.integrations.presidio import PersonRecognizer

    assert found(engine(PersonRecognizer()), entities=["PERSON"])[0] == ("Maria Silva", "PERSON")


def test_the_analyzer_finds_persons(small_model: Path, tagger: Tagger) -> None:
    from ner_rnn.integrations.presidio import PersonRecognizer

    analyzer = engine(PersonRecognizer(small_model))
    assert found(analyzer) == [("Maria Silva", "PERSON"), ("John Smith", "PERSON")]
    results = analyzer.analyze(TEXT, language="en", return_decision_process=True)
    scores = {(name.start, name.end): name.score for name in tagger.tag(TEXT).names}
    for result in results:
        assert result.score == pytest.approx(scores[result.start, result.end], abs=1e-6)
        assert result.analysis_explanation.recognizer == "PersonRecognizer"


def test_it_stands_beside_other_recognizers(tagger: Tagger) -> None:
    from presidio_analyzer.predefined_recognizers import EmailRecognizer

    from ner_rnn.integrations.presidio import PersonRecognizer

    analyzer = engine(PersonRecognizer(tagger), EmailRecognizer())
    kinds = [kind for _, kind in found(analyzer)]
    assert kinds == ["PERSON", "PERSON", "EMAIL_ADDRESS"]
    assert found(analyzer, entities=["EMAIL_ADDRESS"]) == [("maria@example.org", "EMAIL_ADDRESS")]
    assert len(found(analyzer, entities=["PERSON"])) == 2


def test_min_score_and_name_of_the_entity(tagger: Tagger) -> None:
    from ner_rnn.integrations.presidio import PersonRecognizer

    high = max(name.score for name in tagger.tag(TEXT).names)
    recognizer = PersonRecognizer(tagger, min_score=high, supported_entity="WHO", name="ours")
    results = engine(recognizer).analyze(TEXT, language="en")
    assert [(r.entity_type, r.score) for r in results] == [("WHO", pytest.approx(high))]


def test_one_model_for_several_languages(tagger: Tagger) -> None:
    from ner_rnn.integrations.presidio import PersonRecognizer

    analyzer = engine(*(PersonRecognizer(tagger, supported_language=code) for code in ("de", "en")))
    assert found(analyzer, language="de") == found(analyzer, language="en") != []


def test_a_batch(tagger: Tagger) -> None:
    from ner_rnn.integrations.presidio import PersonRecognizer

    batch = presidio.BatchAnalyzerEngine(engine(PersonRecognizer(tagger)))
    results = batch.analyze_iterator([TEXT, "", "Nothing."], language="en")
    assert [len(found) for found in results] == [2, 0, 0]


def test_the_anonymizer_replaces_names(tagger: Tagger) -> None:
    anonymizer = pytest.importorskip("presidio_anonymizer")
    from ner_rnn.integrations.presidio import PersonRecognizer

    results = engine(PersonRecognizer(tagger)).analyze(TEXT, language="en")
    changed = anonymizer.AnonymizerEngine().anonymize(TEXT, results)
    assert changed.text == "Yesterday <PERSON> met <PERSON>, maria@example.org."


def test_a_wrong_folder_is_told_at_once() -> None:
    from ner_rnn.integrations.presidio import PersonRecognizer

    with pytest.raises(BundleError, match="no/such/model does not exist"):
        PersonRecognizer("no/such/model")


def test_without_presidio_the_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['presidio_analyzer'] = None; import ner_rnn.integrations.presidio"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert "is not installed: pip install 'ner-rnn[presidio]'" in done.stderr
