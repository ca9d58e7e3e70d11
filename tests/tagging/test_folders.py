"""Which files are read, and which are written: all that can be said before the first text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ner_rnn.errors import ConfigError, FileError
from ner_rnn.tagging.folders import Input, Kind, find_inputs
from ner_rnn.tagging.targets import (
    means_folder,
    plan_outputs,
    refuse_overwriting,
    refuse_reading_back,
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("b.txt", "a/z.md", "a/y.TXT.gz", "a/t.csv", "c.pdf", ".hidden.txt", ".git/x.txt"):
        Path("in", name).parent.mkdir(exist_ok=True, parents=True)
        Path("in", name).write_text("xyz")
    Path("in/a/loop").symlink_to(tmp_path / "in")
    Path("in/gone.txt").symlink_to("nowhere")
    os.mkfifo("in/pipe.txt")
    return tmp_path


def relative(*paths: str, **more: object) -> list[str]:
    return [given.relative for given in find_inputs(paths, **more)]  # type: ignore[arg-type]


def test_a_folder_gives_its_texts_and_tables_in_order() -> None:
    found = find_inputs(["in"])
    assert [(given.relative, given.kind) for given in found] == [
        ("b.txt", "text"),
        ("gone.txt", "text"),  # told when its turn comes
        ("a/t.csv", "csv"),
        ("a/y.TXT.gz", "text"),
        ("a/z.md", "text"),
    ]
    assert (found[0].path, found[0].size, found[1].size) == ("in/b.txt", 3, None)
    assert [given.is_packed for given in found] == [False, False, False, True, False]
    assert relative("in", kind="csv") == ["a/t.csv"]
    assert relative("in", leave_out="in/a") == ["b.txt", "gone.txt"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("in/*.txt", ["b.txt", "gone.txt"]),
        ("in/**/*.[mt]*", ["a/z.md", "b.txt", "gone.txt"]),
        ("in/?", ["a/t.csv", "a/y.TXT.gz", "a/z.md"]),
        ("in/.*.txt", [".hidden.txt"]),
        ("i[n]/c.*", ["in/c.pdf"]),
    ],
)
def test_a_pattern_gives_what_fits(pattern: str, found: list[str]) -> None:
    assert relative(pattern) == found


def test_two_links_in_a_loop_are_no_endless_maze() -> None:
    Path("in/a/second").symlink_to(Path("in").absolute())
    assert len(relative("in/**/*.txt")) == 2
    assert relative("in/**") == relative("in/**/*")


def test_a_file_whose_name_looks_like_a_pattern_is_itself() -> None:
    Path("in/[x].txt").write_text("")
    assert relative("in/[x].txt") == ["[x].txt"]


def test_a_file_that_is_named_is_taken_whatever_its_ending() -> None:
    assert [(given.relative, given.kind) for given in find_inputs(["in/c.pdf", "-"])] == [
        ("c.pdf", "text"),
        ("-", "text"),
    ]
    for name, kind in (("x.ndjson.zst", "jsonl"), ("x.JSON", "jsonl"), ("x.bio", "conll")):
        Path(name).write_text("")
        assert find_inputs([name])[0].kind == kind
        assert find_inputs([name], "text")[0].kind == "text"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("absent.txt", "absent.txt does not exist: check the path"),
        ("in/*.odt", r"in/\*.odt does not exist, and no file fits it as a pattern"),
        ("in/**.txt", "in/.*.txt does not exist, and is no pattern: '..' must stand by itself"),
        ("in/.git/empty", "does not exist"),
        ("empty", r"empty is a folder without text files \(.txt, .text"),
    ],
)
def test_what_is_not_there_is_told(path: str, message: str) -> None:
    Path("empty").mkdir()
    with pytest.raises(FileError, match=message):
        find_inputs([path])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_does_not_stop_the_others() -> None:
    Path("in/closed").mkdir(mode=0)
    told: list[FileError] = []
    assert len(find_inputs(["in"], on_fault=told.append)) == 5
    assert str(told[0]) == "in/closed cannot be read: Permission denied"


def test_outputs_lie_as_inputs_do() -> None:
    planned = plan_outputs(find_inputs(["in", "in/c.pdf"]), "out", ".jsonl")
    assert [path.as_posix() for path in planned] == [
        "out/b.jsonl",
        "out/gone.jsonl",
        "out/a/t.jsonl",
        "out/a/y.jsonl",
        "out/a/z.jsonl",
        "out/c.pdf.jsonl",
    ]


def test_two_inputs_for_one_output_are_refused() -> None:
    Path("in/b.md").write_text("")
    with pytest.raises(ConfigError, match=r"in/b.md and in/b.txt would both be written to out/b"):
        plan_outputs(find_inputs(["in"]), "out", ".jsonl")
    with pytest.raises(ConfigError, match="would both be written"):
        plan_outputs(find_inputs(["in/c.pdf", "in/c.pdf"]), "out", ".jsonl")


def test_an_output_that_is_an_input_is_refused() -> None:
    with pytest.raises(
        ConfigError, match=r"output is in/b.txt: it would replace the text that is read"
    ):
        plan_outputs(find_inputs(["in"]), "in", ".txt")
    Path("in/b.jsonl").write_text("")  # of b.txt, and an input of its own
    with pytest.raises(ConfigError, match=r"in/b.jsonl"):
        plan_outputs(find_inputs(["in/b.txt", "in/b.jsonl"]), "in", ".jsonl")
    with pytest.raises(ConfigError, match="standard input has no name"):
        plan_outputs(find_inputs(["-"]), "out", ".jsonl")
    Path("same").hardlink_to("in/b.txt")
    with pytest.raises(ConfigError, match="output is same: it would replace"):
        refuse_overwriting(find_inputs(["in/b.txt"]), "same")
    with (
        Path("in/b.txt").open("a") as file,
        pytest.raises(ConfigError, match="standard output would replace"),
    ):
        refuse_overwriting(find_inputs(["in"]), file.fileno())
    refuse_overwriting([Input("-", "-", "text", None)], "new")


@pytest.mark.parametrize(
    ("output", "paths", "tree"),
    [
        ("out/", ["in/b.txt"], True),
        ("in", ["in/b.txt"], True),
        ("out", ["in/b.txt"], False),
        ("out", ["-"], False),
        ("out", ["in"], True),
        ("out", ["in/*"], True),
        ("out", ["in/b.txt", "in/c.pdf"], True),
        ("out.jsonl", ["in"], False),
        ("in/c.pdf", ["in", "x"], False),
    ],
)
def test_whether_a_tree_is_written(output: str, paths: list[str], tree: bool) -> None:
    assert means_folder(output, paths) is tree


def test_a_million_files_would_do(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Planning grows with the number of files, not with its square."""
    inputs = [Input(f"in/{i}.txt", f"{i}.txt", "text", 1) for i in range(20_000)]
    assert len(plan_outputs(inputs, "out", ".jsonl")) == 20_000


@pytest.mark.parametrize(
    ("paths", "output", "kind", "is_read"),
    [
        (["in"], "in/names.jsonl", None, True),
        (["in/a", "in"], "in/a/new/names.csv.gz", None, True),
        (["./in/../in", "other"], "in/names.jsonl", None, True),
        (["."], "names.jsonl", None, True),
        (["in/a/loop"], "in/b.conll", None, True),
        (["in"], "in/names.html", None, False),  # no file that is read has this ending
        (["in"], "in/names.jsonl", "csv", False),
        (["in"], "in/.names.jsonl", None, False),
        (["in"], "inside/names.jsonl", None, False),
        (["in/b.txt", "in/*.txt"], "in/names.jsonl", None, False),
        (["in/a"], "in/names.jsonl", None, False),
    ],
)
def test_an_output_that_would_be_read_next_time_is_refused(
    paths: list[str], output: str, kind: Kind | None, is_read: bool
) -> None:
    if is_read:
        with pytest.raises(
            ConfigError, match=rf"output is {output}: it lies in .*, which is read, "
        ):
            refuse_reading_back(paths, kind, [output])
    else:
        refuse_reading_back(paths, kind, [output])


def test_a_folder_of_outputs_inside_is_left_out_unless_it_is_read_itself() -> None:
    refuse_reading_back(["in"], None, ["in/out/b.jsonl", "in/out/a/t.jsonl"], "in/out")
    for folder in ("in", "in/a"):
        with pytest.raises(ConfigError, match="which is read, and the next run would tag it too"):
            refuse_reading_back(["in", folder], None, [Path(folder, "b.jsonl")], folder)
