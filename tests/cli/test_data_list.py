"""``ner-rnn data check --config``: the corpora of a recipe, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from ner_rnn_cli.main import main

Captured = pytest.CaptureFixture[str]

NEWS = "-DOCSTART- O\n\nMr. O\nObi B-PER\nsaid O\nin O\nRome B-LOC\nthat O\nhe O\ncame O\n\n"
NOVEL = "-DOCSTART- O\n\nMr. B-PER\nObi I-PER\nsat O\nby O\nthe O\nfire O\nand O\nslept O\n\n"
SONGS = "Queen B-band\nsang O\n\nAda B-PER\nsang O\n\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with three corpora and a test file that one of them holds."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "120")
    Path("news.bio").write_text(NEWS * 2)
    Path("novel.bio").write_text(NOVEL * 2)
    Path("songs.bio").write_text(SONGS)
    Path("test.bio").write_text(NEWS + "-DOCSTART- O\n\nUma B-PER\n\n")
    return tmp_path


def recipe(*entries: str) -> str:
    text = "data:\n  types: [PER, LOC]\n  corpora:\n"
    Path("many.yaml").write_text(text + "".join(f"    - {entry}\n" for entry in entries))
    return "many.yaml"


def rows(capsys: Captured) -> tuple[list[str], str]:
    out, err = capsys.readouterr()
    return [" ".join(line.split()) for line in out.splitlines()], err


def test_a_list_is_shown_as_tables(capsys: Captured) -> None:
    path = recipe(
        "news.bio",
        "{path: novel.bio, weight: 0.5}",
        "{path: songs.bio, documents: sentence, left_open: [band]}",
        "{path: test.bio, split: test}",
    )
    assert main(["data", "check", "--config", path]) == 0
    shown, told = rows(capsys)
    for row in (
        "news.bio train 1 2 16 2 2 2 0",
        "novel.bio train 0.5 2 16 2 2 0 0",
        "songs.bio train 1 2 4 2 1 0 1",
        "test.bio test 1 2 9 2 2 1 0",
        "test.bio test news.bio 1 50.0 1",
        "news.bio itself 1 50.0 1",
        "Mr. novel.bio 2/0 news.bio 0/2",
    ):
        assert row in shown, row
    assert told.splitlines() == [
        "note: 1 of the 2 sentences of test (50.0%) stand word for word in train",
        "note: many names begin with a title in novel.bio (100 %): where the guidelines of a "
        "corpus put titles inside, say titles: inside in its entry",
    ]


def test_titles_that_are_cut_off_disagree_no_more(capsys: Captured) -> None:
    path = recipe("news.bio", "{path: novel.bio, titles: inside}")
    assert main(["data", "check", "--config", path]) == 0
    shown, told = rows(capsys)
    assert "novel.bio train 1 2 16 2 2 0 2" in shown
    assert not any(row.startswith("Mr.") for row in shown)
    assert told == ""


def test_two_corpora_with_the_same_documents_are_told(capsys: Captured) -> None:
    Path("copy.bio").write_text(NOVEL + NEWS)
    assert main(["data", "check", "--config", recipe("news.bio", "copy.bio")]) == 0
    shown, told = rows(capsys)
    assert "copy.bio news.bio 1 50.0 1" in shown
    assert told.startswith(
        "note: documents learned from in two corpora alike: news.bio and copy.bio 1\n"
    )


def test_no_fault_of_one_entry_hides_the_next(capsys: Captured) -> None:
    Path("broken.bio").write_text("a B-PER\n\nb O\nc I-PER\nd B-PER\n")
    Path("towns.bio").write_text("Lima B-LOC\n")
    path = recipe(
        "absent.bio",
        "towns.bio",
        "{path: songs.bio, persons: [singer]}",
        "{path: news.bio, left_open: [band]}",
        "open:nothing",
        "broken.bio",
        "news.bio",
    )
    assert main(["data", "check", "--config", path, "--strict"]) == 2
    shown, told = rows(capsys)
    for row, message in zip(
        shown,
        [
            "many.yaml:4: absent.bio does not exist: ",
            "many.yaml:5: towns.bio: no label that is known to mean a person; labels found: LOC "
            "(1); name those that mean a person by persons: in this entry",
            "many.yaml:6: songs.bio: none of singer; labels found: ",
            "many.yaml:7: news.bio: none of the labels left open, band; labels found: PER, LOC",
            "many.yaml:8: open:nothing is no embedded corpus: they are open (all) and ",
            "many.yaml:9: broken.bio:4: I-PER after O does not continue a name",
            "Corpora",
        ],
        strict=False,
    ):
        assert row.startswith(message), row
    assert "news.bio train 1 2 16 2 2 2" in shown
    assert told.splitlines()[-1] == ("error: 6 errors in the 7 corpora of many.yaml, listed above")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("absent.bio", "absent.bio does not exist: "),
        ("{path: songs.bio, persons: [singer]}", "songs.bio: none of singer; labels found: "),
        ("{path: news.bio, left_open: [band]}", "news.bio: none of the labels left open, band; "),
        (
            "{path: news.bio, weight: 0}",
            "many.yaml:4: data.corpora, news.bio: weight is 0: a weight must be above 0 and at "
            "most 1000\n",
        ),
        ("{path: news.bio, weight: -1}", "many.yaml:4: data.corpora, news.bio: weight is -1: "),
        ("{weight: 2}", "many.yaml:4: an entry needs path\n"),
    ],
)
def test_training_refuses_a_bad_entry_in_one_line(
    entry: str, message: str, capsys: Captured
) -> None:
    assert main(["train", "--config", recipe(entry), "--output", "run"]) == 2
    out, err = capsys.readouterr()
    assert err.startswith(f"error: {message}")
    assert (out, err.count("\n"), Path("run").exists()) == ("", 1, False)


def test_files_or_a_recipe_have_to_be_given(capsys: Captured) -> None:
    for words, message in (
        ([], "there is nothing to check: give column files, or a recipe with --config"),
        (["news.bio", "--config", recipe("news.bio")], "files and a recipe are checked one at a"),
        (["--config", "absent.yaml"], "absent.yaml does not exist"),
    ):
        assert main(["data", "check", *words]) == 2
        assert capsys.readouterr().err.startswith(f"error: {message}")
