"""What stands in the file: nothing that a corpus could use, everything that a reader needs."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any

import pytest

from ner_rnn.errors import FileError
from ner_rnn.evaluation.report.browser_data import embedded, pack
from ner_rnn.evaluation.report.page import write_page

from .made_up import EVIL, FIGURE, MODELS, Rows, made_up


def test_without_scripts_all_but_the_browser_is_there(
    page: tuple[Path, dict[str, Any], Rows],
) -> None:
    markup = page[0].read_text(encoding="utf-8")
    static = markup.split('<script type="application/json"')[0]
    assert EVIL not in static
    assert escape(EVIL) in static
    assert "could be chance" in static and "no predictions for this corpus" in static
    assert FIGURE["svg"] in static
    assert static.count("<script") == 0
    assert not re.search(r'(src|href)="(?!#)', static)
    assert markup.count("</script>") == 2
    assert "\u2028" not in markup.split("<script")[1]


def test_sentences_survive_packing() -> None:
    report, rows = made_up(200)
    rows[0]["tokens"][0] = "lone \ud800 \u2029</script><!--"
    packed = json.loads(embedded(pack(report, rows)))  # type: ignore[arg-type]
    for row, kept in zip(rows, packed["text"], strict=True):
        assert (kept.split(" ") if isinstance(kept, str) else kept) == row["tokens"]
    assert embedded(pack(report, rows)).encode("utf-8")  # type: ignore[arg-type]
    third = packed["systems"][2]["counts"]
    assert [n >= 0 for n in third] == [MODELS[2] in row["predictions"] for row in rows]


def test_names_of_models_and_corpora_are_escaped_wherever_they_stand(tmp_path: Path) -> None:
    report, _ = made_up(20)
    odd = 'a"&b\x00<i>\ud800'
    text = json.dumps(report).replace(json.dumps(MODELS[0])[1:-1], json.dumps(odd)[1:-1])
    renamed = json.loads(text)
    write_page(renamed, [], tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text("utf-8")
    assert 'href="#errors?model=a%22%26b' in page
    assert "a&#34;&amp;b\ufffd&lt;i&gt;\ufffd" in page
    assert "<i>" not in page.split("<script")[0]


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    report, rows = made_up(20)
    with pytest.raises(FileError, match="cannot be written"):
        write_page(report, rows, tmp_path / "missing" / "r.html")  # type: ignore[arg-type]
    write_page(report, [], tmp_path / "r.html")  # type: ignore[arg-type]
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]
