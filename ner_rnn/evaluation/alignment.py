"""Predictions in column files: written beside a report, and read from any system.

    word  score  gold  predicted        columns by TABs; the score of a name on each of its words

The last two columns are gold and predicted, as conlleval wants them. Every word is compared with
the corpus: predictions for other words are refused, with the place and what differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ner_rnn.corpora.corpus import PERSON, Corpus
from ner_rnn.corpora.read import read
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import ConfigError, CorpusError, shortened
from ner_rnn.evaluation.corpora import EvaluationSet
from ner_rnn.evaluation.counting import Found, Sentences, tags_of
from ner_rnn.text.conll import Sentence, read_conll
from ner_rnn.text.writing import write_whole

__all__ = ["align", "read_predictions", "write_predictions"]

NO_SCORE = "_"
_SHOWN = 30


def read_predictions(
    path: str, data: DataConfig, score_column: int | None = None
) -> tuple[Corpus, Sentences]:
    """Read what a system predicted.

    Args:
        path: a column file.
        data: its columns, scheme, encoding, and which labels mean a person.
        score_column: column of the score of a name, on each of its words; None: no scores.

    Returns:
        The file as read, and the predicted names of each sentence.

    Raises:
        UserError: the file cannot be used.
    """
    text = read(path, data)
    found = [[Found(*span) for span in spans] for spans in text.spans]
    if score_column is not None:
        if score_column in (data.token_column, data.tag_column):
            raise ConfigError(
                f"the score is read from column {score_column}, as the word or its tag",
                do="choose another {score_column}",
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
    return text, found


def align(theirs: Corpus, ours: Corpus) -> tuple[int, str | None]:
    """Compare the words of predictions with those of a corpus.

    Returns:
        How many sentences agree before the first that differs, and what differs there, with
        ``file:line`` of both; None: all agree.
    """
    pairs = zip(theirs.tokens, ours.tokens, strict=False)
    shorter = min(len(theirs.tokens), len(ours.tokens))
    number = next((i for i, (a, b) in enumerate(pairs) if a != b), shorter)
    if number == len(theirs.tokens) == len(ours.tokens):
        return number, None
    if number == len(theirs.tokens):
        return number, (
            f"{theirs.source} ends after {number:,} of the {len(ours.tokens):,} sentences of "
            f"{ours.source}: nothing is predicted from {ours.place(number, 0)} on"
        )
    if number == len(ours.tokens):
        return number, (
            f"{theirs.place(number, 0)}: predicts for more than the {number:,} sentences of "
            f"{ours.source}"
        )
    words, expected = theirs.tokens[number], ours.tokens[number]
    at = next((i for i, (a, b) in enumerate(zip(words, expected, strict=False)) if a != b), None)
    if at is None:
        last = min(len(words), len(expected)) - 1
        return number, (
            f"{theirs.place(number, last)}: the sentence has {len(words)} words, and "
            f"{len(expected)} at {ours.place(number, 0)}: predictions must be for the same words"
        )
    return number, (
        f"{theirs.place(number, at)}: the word is {_short(words[at])}, but "
        f"{_short(expected[at])} at {ours.place(number, at)}: predictions must be for "
        "the same words"
    )


def write_predictions(path: Path, corpus: EvaluationSet, found: Sentences) -> None:
    """Write gold and predicted persons side by side, whole or not at all.

    Raises:
        FileError: the file cannot be written.
    """
    write_whole(path, _lines(corpus, found))


def _lines(corpus: EvaluationSet, found: Sentences) -> Iterator[str]:
    before = None
    rows = zip(corpus.tokens, corpus.spans, found, corpus.documents, strict=True)
    for words, wanted, names, document in rows:
        if document != before and corpus.row["documents"] > 1:
            yield f"-DOCSTART-\t{NO_SCORE}\tO\tO\n\n"
        before = document
        scores = [NO_SCORE] * len(words)
        for name in names:
            if name.label == PERSON and name.score is not None:
                scores[name.start : name.end] = [f"{name.score:.6f}"] * (name.end - name.start)
        columns = (words, scores, tags_of(wanted, len(words)), tags_of(names, len(words)))
        yield "".join("\t".join(row) + "\n" for row in zip(*columns, strict=True)) + "\n"


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
            f"expected a number from 0 to 1, or {NO_SCORE} for none",
            where=f"{path}:{sentence.lines[name.start]}: the score",
            found=_short(text),
            do="is it in another {score_column}?",
        )
    return score


def _short(text: str) -> str:
    return repr(shortened(text, _SHOWN))
