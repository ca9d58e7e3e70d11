"""Survey of column files: what they hold, and everything that is wrong with them.

No fault hides the next. Nothing is printed here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ner_rnn.corpora.corpus import Corpus, no_person
from ner_rnn.corpora.read import read
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import CorpusError, FileError, UserError

__all__ = ["Survey", "check_file"]


@dataclass
class Survey:
    """Content and errors of one file.

    Attributes:
        path: the file.
        errors: every fault that keeps the file from being used, in order.
        corpus: what it holds; None: it could not be read at all.
    """

    path: str
    errors: list[UserError] = field(default_factory=list)
    corpus: Corpus | None = None

    @property
    def breaks(self) -> list[str]:
        """``file:line: ...`` for each tag that breaks the scheme."""
        if self.corpus is None:
            return []
        place = self.corpus.place
        return [f"{place(sentence, word)}: {what}" for sentence, word, what in self.corpus.breaks]


def check_file(path: str, data: DataConfig) -> Survey:
    """Survey a column file.

    Args:
        path: the file.
        data: its columns, scheme, encoding, and what it calls a person.

    Raises:
        ConfigError: settings that fit no file.
    """
    survey = Survey(path)
    try:
        survey.corpus = read(path, data, on_fault=survey.errors.append)
    except (CorpusError, FileError) as error:
        survey.errors.append(error)
        return survey
    if not survey.corpus.persons and not survey.errors:
        reason = no_person(survey.corpus.labels, data.person_labels)
        survey.errors.append(CorpusError(f"{path}: {reason}"))
    return survey
