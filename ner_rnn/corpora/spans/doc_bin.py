"""spaCy's binary files of documents (``.spacy``, a ``DocBin``), read by spaCy itself.

The texts are divided by our own tokenizer: a model must be able to divide text as it learned to.
"""

from __future__ import annotations

from ner_rnn.corpora.spans.marked_text import MarkedFile, MarkedText, check_mark
from ner_rnn.errors import FileError, shortened
from ner_rnn.extras import require

__all__ = ["read_doc_bin"]

_SHOWN = 60  # characters of a library's message


def read_doc_bin(path: str, content: bytes) -> MarkedFile:
    """Read the documents of a file.

    Args:
        path: its name in messages.
        content: its bytes.

    Raises:
        FileError: the bytes are no DocBin.
        ExtraError: spaCy is not installed.
        CorpusError: a span without a label.
    """
    require(f"{path}, a file of spaCy,", "spacy", instead="export it as JSON lines")
    import spacy
    from spacy.tokens import DocBin

    found = MarkedFile()
    try:
        docs = list(DocBin().from_bytes(content).get_docs(spacy.blank("xx").vocab))
    except Exception as error:  # whatever zlib, msgpack and spaCy may raise
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise FileError(
            f"{path} is no DocBin of spaCy ({shortened(reason, _SHOWN)}): get it again"
        ) from None
    for number, doc in enumerate(docs):
        place = f"{path}, document {number}"
        found.kinds["spaCy DocBin"] += 1
        if len(doc) and not doc.has_annotation("ENT_IOB"):
            found.leave_out("without an annotation", place)
            continue
        marks = [
            check_mark(ent.start_char, ent.end_char, ent.label_, ent.text, place)
            for ent in doc.ents
        ]
        found.texts.append(MarkedText(doc.text, marks, place))
    return found
