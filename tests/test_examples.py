"""The texts of examples/: what README says that the built-in model finds in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ner_rnn_cli.main import main

from ner_rnn.model.builtin import built_in_names

ROOT = Path(__file__).parent.parent
TEXTS = sorted((ROOT / "examples").glob("*.txt"))
SHOWN = re.compile(
    r"^\S*ner-rnn tag (examples/\S+\.txt) --format names\n(.*?)^(?:$|```)", re.M | re.S
)


@pytest.mark.skipif("en" not in built_in_names(), reason="the built-in model is not here yet")
def test_readme_shows_what_is_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    shown = dict(SHOWN.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    assert sorted([*shown, "examples/letter.txt"]) == [f"examples/{path.name}" for path in TEXTS]
    for path, rows in shown.items():
        assert main(["tag", path, "--format", "names"]) == 0
        found = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
        assert [re.split(r"  +", row.strip()) for row in rows.splitlines()] == found


@pytest.mark.skipif("en" not in built_in_names(), reason="the built-in model is not here yet")
def test_readme_shows_a_letter_before_and_after_redaction(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text[text.index("## Redaction") : text.index("## From Python")]
    before, commands, after = re.findall(r"^```\n(.*?)^```$", section, re.M | re.S)
    found = re.match(r"printf '(.+)' > try\.key && .*\nner-rnn (.+) --key try\.key\n", commands)
    assert found is not None
    key = tmp_path / "try.key"
    key.write_text(found[1])
    key.chmod(0o600)
    assert main([*found[2].split(), "--key", str(key)]) == 0
    assert capsys.readouterr().out.endswith(f"\n\n{after}")
    assert (ROOT / "examples/letter.txt").read_text(encoding="utf-8").endswith(f"\n\n{before}")
