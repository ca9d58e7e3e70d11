"""The formats of annotated files, in one table, and how each is recognised.

``data check``, the message for a file that is none of them and ``docs/corpora.md`` share the table.
Content decides, not the ending: what a file begins with, and for brat what lies beside it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from ner_rnn.corpora.conllu import is_conllu
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.corpora.spans.brat import is_brat
from ner_rnn.errors import CorpusError, FileError
from ner_rnn.text.files import check_encoding

__all__ = ["FORMATS", "CorpusFormat", "Kind", "recognise_format"]

Kind: TypeAlias = Literal["columns", "conllu", "json", "brat", "docbin", "parquet"]


class CorpusFormat(NamedTuple):
    """A format of annotated files.

    Attributes:
        title: what it is called.
        file: a file of it, as users name theirs.
        example: the least of it; a TAB is written as such.
        kind: the reader.
    """

    title: str
    file: str
    example: str
    kind: Kind


FORMATS = (
    CorpusFormat("CoNLL columns", "train.bio", "Maria\tB-PER", "columns"),
    CorpusFormat("CoNLL-U, names in MISC", "train.conllu", "1\tMaria\t...\tNE=B-PER", "conllu"),
    CorpusFormat(
        "doccano", "train.jsonl", '{"text": "Maria spoke.", "label": [[0, 5, "PER"]]}', "json"
    ),
    CorpusFormat(
        "Prodigy",
        "train.jsonl",
        '{"text": "Maria spoke.", "spans": [{"start": 0, "end": 5, "label": "PER"}], '
        '"answer": "accept"}',
        "json",
    ),
    CorpusFormat("spaCy", "train.jsonl", '["Maria spoke.", {"entities": [[0, 5, "PER"]]}]', "json"),
    CorpusFormat("spaCy DocBin", "train.spacy", "DocBin(docs=docs).to_disk(...)", "docbin"),
    CorpusFormat(
        "Label Studio",
        "export.json",
        '[{"data": {"text": "Maria spoke."}, "annotations": [{"result": [{"type": "labels", '
        '"value": {"start": 0, "end": 5, "text": "Maria", "labels": ["PER"]}}]}]}]',
        "json",
    ),
    CorpusFormat("brat", "letters/ or a.ann", "T1\tPER 0 5\tMaria", "brat"),
    CorpusFormat(
        "Parquet", "train.parquet", "columns text and spans, or tokens and ner_tags", "parquet"
    ),
    CorpusFormat(
        "JSON lines of tokens and tags",
        "train.jsonl",
        '{"tokens": ["Maria", "spoke", "."], "ner_tags": ["B-PER", "O", "O"]}',
        "json",
    ),
)

_JSON = re.compile(r'\s*(?:\{\s*(?:"|$|\})|\[\s*(?:[{\["\]]|$))')
_TAGGED = re.compile(r"[\t ](?:O|[BIESM]-\S+)\s*$")
_OTHERS = re.compile(r"\s*(?:<[?!a-zA-Z]|\{\\rtf)")
_ENDINGS: dict[str, Kind] = {".json": "json", ".jsonl": "json", ".parquet": "parquet"}
_ENDINGS[".spacy"] = "docbin"


def recognise_format(path: str | Path, head: bytes, data: DataConfig) -> Kind:
    """Return the format of a file.

    Args:
        path: the file, for its ending and what lies beside it.
        head: the bytes that it begins with.
        data: the encoding of text; columns that are chosen there make it a column file.

    Raises:
        FileError: it has the ending of a format, but not its content.
        ConfigError: an encoding that Python does not know.
        CorpusError: it is known to be none of the formats.
    """
    if is_brat(path):
        return "brat"
    if head.startswith(b"PAR1"):
        return "parquet"
    name = Path(str(path).lower())
    if name.suffix == ".spacy" and head[:1] == b"\x78":  # of zlib
        return "docbin"
    check_encoding(data.encoding)
    text = head.decode(data.encoding, "replace").removeprefix("\ufeff")
    lines = text.split("\n")
    if _is_json(text):
        return "json"
    wanted = next((_ENDINGS[end] for end in reversed(name.suffixes) if end in _ENDINGS), None)
    if wanted == "json" and b"\0" in head:
        return "json"  # in another encoding, which its reader tells
    if wanted is not None and text.strip():
        title = {"json": "JSON", "docbin": "a DocBin of spaCy", "parquet": "Parquet"}[wanted]
        raise FileError(
            f"{path} does not begin as {title} does ({text.strip()[:20]!r})",
            do="check what wrote it, or give it the ending of what it is",
        )
    is_csv = name.suffix == ".csv" and "," in lines[0] and "\t" not in lines[0]
    if is_csv or _OTHERS.match(text):
        raise CorpusError(
            f"{path} begins with {text.strip()[:20]!r}: it is none of the formats that are read "
            f"({', '.join(one.title for one in FORMATS)})",
            do="convert it to one of them",
        )
    as_usual = (data.token_column, data.tag_column) == (0, -1)
    if as_usual and is_conllu("\n".join(lines[:-1] or lines)):
        return "conllu"
    return "columns"


def _is_json(text: str) -> bool:
    """Tell whether text begins as JSON, not as a column file whose first token is a bracket."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    if not _JSON.match(first.rstrip()):
        return False
    if not _TAGGED.search(first):
        return True
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return False
    return True
