"""The benchmark of adaptation: the text is that of a corpus, and nothing of its tags is in it."""

from __future__ import annotations

from pathlib import Path

from .scripts import imported


def test_words_without_tags_documents_apart(tmp_path: Path) -> None:
    source, text = tmp_path / "train.bio", tmp_path / "train.txt"
    source.write_text(
        "-DOCSTART-\tO\n\nAnn\tB-PER\nwrote\tO\n\nTo\tO\nBob\tB-PER\n\n-DOCSTART-\tO\n\nHm\tO\n",
        encoding="utf-8",
    )
    with imported("adapt") as scripts:
        assert scripts["adapt"].write_text(source, text) == 5
    assert text.read_text(encoding="utf-8") == "Ann wrote\nTo Bob\n\nHm\n"
