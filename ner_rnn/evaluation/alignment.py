"""Predictions in column files: written beside a report, and read from any system.

    word  score  gold  predicted        columns by TABs; the score of a name on each of its words

The last two columns are gold and predicted, as conlleval wants them. Reading holds every word
against the corpus: predictions for other words are refused, with the place and what differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ner_rnn.corpora.annotation import PERSON, Annotated, count_labels, find_persons
from ner_rnn.corpora.corpus import read_file
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import ConfigError, CorpusError, shortened
from ner_rnn.evaluation.corpora import Corpus
from ner_rnn.evaluation.counting import Found, Sentences
from ner_rnn.text.conll import Sentence, read_conll
from ner_rnn.text.tags import Span, spans, to_tags
from ner_rnn.text.writing import write_whole

__all__ = ["PredictionFile", "align", "read_file_of_predictions", "write_predictions"]

NO_SCORE = "_"
_SHOWN = 30


@dataclass(frozen=True)
class PredictionFile:
    """A file of predictions as read, not yet held against a corpus.

    Attributes:
        path: the file.
        sentences: words and lines.
        found: the predicted names of each sentence; a person is PER.
    """

    path: str
    sentences: Sequence[Sentence]
    found: Sentences


def read_file_of_predictions(
    path: str, data: DataConfig, score_column: int | None = None
) -> PredictionFile:
    """Read what a system predicted.

    Args:
        path: the file.
        data: its columns, scheme, encoding, and what it calls a person.
        score_column: where a name's words have its score; None: there are no scores.

    Raises:
        UserError: the file cannot be used.
    """
    sentences, scheme = read_file(path, data)
    tags: list[Sequence[str]] = [sentence.tags for sentence in sentences]
    persons = find_persons(count_labels(tags, scheme), data.person_labels)
    unified = Annotated(tags=tags).unify(scheme, persons, keep_others=True)
    found = [[Found(*span) for span in spans(sequence)] for sequence in unified.tags]
    if score_column is not None:
        if score_column in (data.token_column, data.tag_column):
            raise ConfigError(
                f"the score is read from column {score_column}, as the word or its tag: choose "
                "another --score-column"
            )
        columns = read_conll(
            path,
            token_column=data.token_column,
            tag_column=score_column,
            encoding=data.encoding,
        )
        found = [
            [name._replace(score=_score(path, marks, name)) for name in names]
            for names, marks in zip(found, columns, strict=True)
        ]
    return PredictionFile(path, sentences, found)


def align(file: PredictionFile, corpus: Corpus) -> tuple[int, str | None]:
    """Hold the words of predictions against those of a corpus.

    Returns:
        How many sentences agree before the first that differs, and what differs there, with
        ``file:line`` of both; None: all agree.
    """
    theirs = [sentence.tokens for sentence in file.sentences]
    ours = [tuple(words) for words in corpus.tokens]
    number = next(
        (i for i, (a, b) in enumerate(zip(theirs, ours, strict=False)) if a != b),
        min(len(theirs), len(ours)),
    )
    path = corpus.row["path"]
    if number == len(theirs) == len(ours):
        return number, None
    if number == len(theirs):
        line = corpus.lines[number][0]
        return number, (
            f"{file.path} ends after {number:,} of the {len(ours):,} sentences of {path}: nothing "
            f"is predicted from {path}:{line} on"
        )
    sentence = file.sentences[number]
    if number == len(ours):
        return number, (
            f"{file.path}:{sentence.lines[0]}: predicts for more than the {len(ours):,} sentences "
            f"of {path}"
        )
    words, expected = sentence.tokens, ours[number]
    at = next((i for i, (a, b) in enumerate(zip(words, expected, strict=False)) if a != b), None)
    if at is None:
        shorter = min(len(words), len(expected))
        cut, where = len(words), f"{file.path}:{sentence.lines[shorter - 1]}"
        return number, (
            f"{where}: the sentence has {cut} words, and {len(expected)} at "
            f"{path}:{corpus.lines[number][0]}: predictions must be for the same words"
        )
    return number, (
        f"{file.path}:{sentence.lines[at]}: the word is {_short(words[at])}, but "
        f"{_short(expected[at])} at {path}:{corpus.lines[number][at]}: predictions must be for "
        "the same words"
    )


def write_predictions(path: Path, corpus: Corpus, found: Sentences) -> None:
    """Write gold and predicted persons side by side, whole or not at all.

    Raises:
        FileError: the file cannot be written.
    """
    write_whole(path, _lines(corpus, found))


def _lines(corpus: Corpus, found: Sentences) -> Iterator[str]:
    before = None
    rows = zip(corpus.tokens, corpus.gold, found, corpus.documents, strict=True)
    for words, wanted, names, document in rows:
        if document != before and corpus.row["documents"] > 1:
            yield f"-DOCSTART-\t{NO_SCORE}\tO\tO\n\n"
        before = document
        scores = [NO_SCORE] * len(words)
        for name in names:
            if name.label == PERSON and name.score is not None:
                scores[name.start : name.end] = [f"{name.score:.6f}"] * (name.end - name.start)
        columns = (words, scores, _tags(wanted, len(words)), _tags(names, len(words)))
        yield "".join("\t".join(row) + "\n" for row in zip(*columns, strict=True)) + "\n"


def _tags(names: Sequence[Found], length: int) -> list[str]:
    return to_tags([Span(*name[:3]) for name in names], length)


def _score(path: str, sentence: Sentence, name: Found) -> float | None:
    text = sentence.tags[name.start]
    if text == NO_SCORE:
        return None
    try:
        score = float(text)
    except ValueError:
        score = -1.0
    if not 0 <= score <= 1:
        raise CorpusError(
            f"{path}:{sentence.lines[name.start]}: the score is {_short(text)}: expected a number "
            f"from 0 to 1, or {NO_SCORE} for none; is it in another --score-column?"
        )
    return score


def _short(text: str) -> str:
    return repr(shortened(text, _SHOWN))
