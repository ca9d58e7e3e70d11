"""``ner-rnn distill`` as it is typed, and its errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from ner_rnn_cli.main import main

from ner_rnn.model.bundle import read_bundle

SMALL = """\
model: {hidden_size: 8, word_size: 8, char_size: 4, char_hidden: 4, form_size: 2}
trainer: {epochs: 1, batch_tokens: 200}
distill: {ratio: 1.5}
"""


@pytest.fixture
def asked(small_model: Path, corpus: Path, letter: Path, tmp_path: Path) -> list[str]:
    """A command that works: a small model teaches a smaller one on a letter."""
    (tmp_path / "small.yaml").write_text(SMALL)
    return [
        "distill", "--teacher", str(small_model), "--text", str(letter), "--config", "small.yaml",
        "--data.train", str(corpus / "train.txt"), "--data.cache", "cache", "--output", "out",
    ]  # fmt: skip


def test_a_student_is_trained_and_tags(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(asked) == 0
    said = capsys.readouterr()
    assert "note: 1 teacher read 7 words of 1 document: " in said.err
    assert "The model is in out. Next:" in said.out
    held = read_bundle(tmp_path / "out").config["distill"]
    assert (held["ratio"], held["text"]) == (1.5, ["letter.txt"])
    assert main(["tag", "letter.txt", "--model", "out"]) == 0


def test_a_recipe_that_names_teachers_is_trained_by_train_as_well(
    asked: list[str], small_model: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = Path("small.yaml").read_text()
    named = f"ratio: 1.5, teachers: [{small_model}], text: [letter.txt]"
    Path("small.yaml").write_text(recipe.replace("ratio: 1.5", named))
    assert main(asked) == 0
    assert main(["train", *asked[5:-1], "other"]) == 0
    one, two = (read_bundle(Path(name)).weights for name in ("out", "other"))
    assert all((one[name] == two[name]).all() for name in one)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--teacher", "missing"], "missing does not exist: a model is a folder"),
        (["--text", "missing.txt"], "missing.txt does not exist"),
        (
            ["--text", "table.csv"],
            "no column 'text', but id, body: choose with --distill.text-field",
        ),
        (["--text", "latin.txt"], "name the file's encoding, as in --data.encoding latin-1"),
        (["--text", "blank.txt"], "blank.txt: no words; give text for the models to read"),
        (["--distill.ratio", "0"], "--distill.ratio is 0.0: it must be above 0"),
        (["--resume"], "out/checkpoints/last.ckpt: there is no run to resume"),
    ],
)
def test_what_cannot_be_is_one_line(
    asked: list[str], change: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("table.csv").write_text("id,body\n1,Some text.\n")
    Path("latin.txt").write_bytes(b"caf\xe9")
    Path("blank.txt").write_text("\n")
    assert main([*asked, *change]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    [line] = [line for line in said.err.splitlines() if line.startswith("error: ")]
    assert message in line


def test_without_teachers_or_text_nothing_is_trained(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([asked[0], *asked[5:]]) == 2
    assert "give --teacher and --text" in capsys.readouterr().err
    assert main([asked[0], *asked[3:]]) == 2
    assert "there is no model that teaches: name one by --teacher" in capsys.readouterr().err
    assert main([*asked[:3], *asked[5:]]) == 2
    assert "name it by --text" in capsys.readouterr().err
