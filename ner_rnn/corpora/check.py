"""Survey of column files: what they hold, and everything that is wrong with them.

No fault hides the next. Nothing is printed here.
"""

from __future__ import annotations

from ner_rnn.corpora.corpus import Corpus, no_person
from ner_rnn.corpora.read import read
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import CorpusError, FileError, UserError

__all__ = ["check_file"]


def check_file(path: str, data: DataConfig) -> tuple[Corpus | None, list[UserError]]:
    """Survey a column file.

    Args:
        path: the file.
        data: its columns, scheme, encoding, and what it calls a person.

    Returns:
        What the file holds, None where it could not be read at all; and every fault that keeps it
        from being used, in order.

    Raises:
        ConfigError: settings that fit no file.
    """
    errors: list[UserError] = []
    try:
        corpus = read(path, data, on_fault=errors.append)
    except (CorpusError, FileError) as error:
        return None, [*errors, error]
    if not corpus.persons and not errors:
        errors.append(CorpusError(f"{path}: {no_person(corpus.labels, data.person_labels)}"))
    return corpus, errors
