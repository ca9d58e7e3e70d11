"""Bad input through the command line: one line that says what to do, status 2, nothing written."""

from __future__ import annotations

import gzip
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pytest
from ner_rnn_cli.main import main
from ner_rnn_cli.parser import Parser

from ner_rnn.model import builtin
from ner_rnn.model.bundle import read_bundle
from ner_rnn.text.conll import read_conll

SMALL = (
    "--model.hidden-size=8", "--model.word-size=8", "--model.char-size=4",
    "--model.char-hidden=4", "--model.form-size=2", "--trainer.epochs=1",
)  # fmt: skip
SENTENCE = "Maria B-PER\nSilva I-PER\nspoke O\nin O\nParis B-LOC\n. O\n\n"

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with something to train on; prepared corpora are kept elsewhere."""
    stand = tmp_path / "stand"
    stand.mkdir()
    monkeypatch.chdir(stand)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(builtin, "FOLDER", tmp_path / "absent")
    monkeypatch.setenv("COLUMNS", "120")
    Path("good.bio").write_text(SENTENCE * 3)
    return stand


def flags_of(command: str) -> set[str]:
    parser = Parser(prog=command)
    import_module(f"ner_rnn_cli.{command}").add_arguments(parser)
    return set(parser._option_string_actions)


def check_flags(command: str, message: str) -> None:
    """Whatever a message offers can be typed after that very command."""
    own = re.sub(r"'(ner-rnn|make) .*?'", "", message)  # a command of its own
    offered = set(re.findall(r"--[a-z][a-z.-]*[a-z]", own))
    assert offered <= flags_of(command), message


def refused(capsys: Captured, *words: str) -> str:
    """Run a command that must fail: its only line on stderr, without ``error:``."""
    before = sorted(Path().rglob("*"))
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert sorted(Path().rglob("*")) == before, "nothing may be left behind"
    message = err.removeprefix("error: ").rstrip("\n")
    if words[0] == "data":
        assert message == "1 error in 1 of 1 files, listed above"
        assert out.count("\n") == 1
        message = out.rstrip("\n")
    else:
        assert out == ""
    check_flags(words[0], message)
    return message


def done(capsys: Captured, *words: str) -> tuple[str, str]:
    """Run a command that must do its work: what it printed and what it said."""
    status = main(words)
    out, err = capsys.readouterr()
    assert status == 0, err
    return out, err


def reading(command: str, file: str, model: Path) -> tuple[str, ...]:
    """The words that make a command read a file."""
    return {
        "train": ("train", "--data.train", file, *SMALL, "--output", "run"),
        "dev": ("train", "--data.train", "good.bio", "--data.dev", file, *SMALL, "--output", "run"),
        "evaluate": ("evaluate", "--data", file, "--model", str(model)),
        "check": ("data", "check", file),
        "tag": ("tag", file, "--input", "text", "--model", str(model), "--output", "out"),
        "columns": ("tag", file, "--model", str(model), "--input", "conll", "--output", "out"),
    }[command]


ANNOTATED = ("train", "dev", "evaluate", "check")
COLUMNS = (*ANNOTATED, "columns")
EVERY = (*COLUMNS, "tag")
DOTTED = {"train", "dev", "evaluate"}  # that take recipes, and so --data.encoding

BAD_FILES: list[tuple[str, bytes | None, Sequence[str], str]] = [
    ("absent.bio", None, EVERY, "absent.bio does not exist: check the path"),
    (
        "binary.bio", b"Maria B-PER\n\0\x01\x02", EVERY,
        "binary.bio is a binary file (byte 12 is 0), not text: give a text file, plain or packed "
        "by gzip, xz, bzip2 or zstd",
    ),
    (
        "latin.bio", b"Maria B-PER\nZo\xeb O\n", EVERY,
        "latin.bio:2: byte 14 (0xeb) is not utf-8 text: name the file's encoding, as in "
        "{data}encoding latin-1",
    ),
    (
        "wide.bio", "Maria B-PER\n".encode("utf-16-le").join([b"\xff\xfe", b""]), EVERY,
        "wide.bio: byte 0 (0xff) is not utf-8 text but begins utf-16: give {data}encoding utf-16",
    ),
    (
        "cut.bio.gz", gzip.compress(SENTENCE.encode() * 99)[:60], EVERY,
        "cut.bio.gz cannot be unpacked (Compressed file ended before the end-of-stream marker was "
        "reached): it is damaged or cut short; get it again",
    ),
    (
        "short.bio", b"Maria B-PER\nSilva\n", ANNOTATED,
        "short.bio:2: 1 column ('Silva'), but the token is read from column 0 and the tag from "
        "column -1: separate columns by a TAB or spaces, or choose others with "
        "{data}token-column and {data}tag-column",
    ),
    (
        "prefix.bio", b"Maria B-PER\nSilva Q-PER\n", ANNOTATED,
        "prefix.bio:2: tag 'Q-PER' has the unknown prefix 'Q': known are B-, I-, E-, S-, M- and "
        "O; is this the tag column?",
    ),
    (
        "label.bio", b"Paris B-LOC\nBank B-ORG\nLima B-LOC\n", ("train", "check"),
        "label.bio: no label that is known to mean a person; labels found: LOC (2), ORG (1); say "
        "with {data}person-labels which is right, or with {data}tag-column where the tags are",
    ),
    (
        "untagged.bio", b"Paris O\nBank O\n", ("train", "check"),
        "untagged.bio: no name is tagged, every tag is O: is this the tag column?",
    ),
    (
        "empty.bio", b"", COLUMNS,
        "empty.bio is empty: give a file with one token and its tag a line",
    ),
    (
        "blank.bio", b"\n\n\n", COLUMNS,
        "blank.bio holds no sentence in its 3 lines: is it a column file?",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "command", "expected"),
    [
        pytest.param(name, content, command, expected, id=f"{name}-{command}")
        for name, content, commands, expected in BAD_FILES
        for command in commands
    ],
)
def test_a_file_that_cannot_be_used(
    name: str,
    content: bytes | None,
    command: str,
    expected: str,
    small_model: Path,
    capsys: Captured,
) -> None:
    if content is not None:
        Path(name).write_bytes(content)
    expected = expected.replace("{data}", "--data." if command in DOTTED else "--")
    if name == "latin.bio" and command == "tag":
        expected += ", or give --errors replace"
    assert refused(capsys, *reading(command, name, small_model)) == expected


@pytest.mark.parametrize("command", EVERY)
def test_a_folder_where_a_file_is_meant(
    command: str, small_model: Path, tmp_path: Path, capsys: Captured
) -> None:
    Path("sub").mkdir()
    message = refused(capsys, *reading(command, "sub", small_model))
    if command in ("tag", "columns"):  # these take folders of texts
        assert re.fullmatch(
            r"sub is a folder without text files \(.*\): name the files themselves", message
        )
    else:
        assert message == "sub is a folder: give a file in it"


def test_what_a_message_offers_helps(small_model: Path, capsys: Captured) -> None:
    Path("latin.bio").write_bytes("Zoë B-PER\nspoke O\n".encode("latin-1"))
    for command, flag in (("train", "data.encoding"), ("evaluate", "data.encoding"),
                          ("check", "encoding"), ("columns", "encoding")):  # fmt: skip
        done(capsys, *reading(command, "latin.bio", small_model), f"--{flag}", "latin-1")
    assert json.loads(Path("out").read_text("utf-8"))["text"] == "Zoë spoke"


@pytest.mark.parametrize("command", EVERY)
def test_an_encoding_that_does_not_exist(command: str, small_model: Path, capsys: Captured) -> None:
    flag = "--data.encoding" if command in DOTTED else "--encoding"
    words = (*reading(command, "good.bio", small_model), flag, "klingon")
    expected = "encoding 'klingon' is not known: try utf-8, utf-16, latin-1 or cp1252"
    if command == "check":  # no fault of a file, so none of the list
        assert main(words) == 2
        assert capsys.readouterr() == ("", f"error: {expected}\n")
    else:
        assert refused(capsys, *words) == expected


def test_a_corpus_of_one_sentence(capsys: Captured) -> None:
    Path("one.bio").write_text(SENTENCE)
    splits = [f"--data.{split}=one.bio" for split in ("train", "dev", "test")]
    out, err = done(capsys, "train", *splits, *SMALL, "--output", "run")
    assert "Traceback" not in err
    out, _ = done(capsys, "evaluate", "--model", "run", "--data", "one.bio", "--json")
    assert json.loads(out)["one.bio"]["sentences"] == 1
    out, _ = done(capsys, "data", "check", "one.bio")
    assert "sentences 1" in " ".join(out.split())
    done(capsys, "tag", "one.bio", "--input", "conll", "--model", "run")


def test_a_sentence_of_100_000_words(small_model: Path, capsys: Captured) -> None:
    words = ["Yesterday", "Maria", "Silva", "met", *["w"] * 99_996]
    tags = ["O", "B-PER", "I-PER", *["O"] * 99_997]
    rows = (f"{word} {tag}\n" for word, tag in zip(words, tags, strict=True))
    Path("long.bio").write_text("".join(rows))
    out, _ = done(capsys, "data", "check", "long.bio")
    assert "longest sentence 100,000 tokens, at line 1" in " ".join(out.split())
    words_of_tag = reading("columns", "long.bio", small_model)
    _, err = done(capsys, *words_of_tag, "--format", "conll")
    assert "in 100,000 words of 1 text" in err
    (sentence,) = read_conll("out")
    assert len(sentence.tokens) == 100_000
    out, _ = done(capsys, *reading("evaluate", "long.bio", small_model), "--json")
    assert json.loads(out)["long.bio"]["names"]["support"] == 1
    assert sentence.tags[1:3] == ("B-PER", "I-PER")


@pytest.mark.slow
def test_learning_from_a_sentence_of_100_000_words(capsys: Captured) -> None:
    Path("long.bio").write_text("Maria B-PER\n" + "w O\n" * 99_999)
    done(capsys, *reading("dev", "long.bio", Path("run")))
    done(capsys, *reading("train", "long.bio", Path("run")))
    out, _ = done(capsys, "evaluate", "--model", "run", "--data", "long.bio", "--json")
    assert json.loads(out)["long.bio"]["names"]["support"] == 1


def test_a_word_of_10_000_letters(small_model: Path, capsys: Captured) -> None:
    Path("word.bio").write_text(f"Maria B-PER\n{'x' * 10_000} O\n")
    for command in ("train", "dev", "evaluate", "columns", "tag"):
        done(capsys, *reading(command, "word.bio", small_model))
    out, _ = done(capsys, "data", "check", "word.bio")
    assert f"10,000 characters, at line 2: {'x' * 20}...{'x' * 20} " in " ".join(out.split())


def test_overlap_is_told_with_its_count(capsys: Captured) -> None:
    Path("test.bio").write_text(SENTENCE + "Olga B-PER\nsang O\n\n" + SENTENCE)
    _, err = done(capsys, *reading("train", "good.bio", Path()), "--data.test", "test.bio")
    said = "note: 2 of the 3 sentences of test (66.7%) stand word for word in train\n"
    assert said in err
    _, err = done(capsys, "data", "check", "good.bio", "test.bio")
    assert err == "note: test.bio: sentences also in good.bio, word for word: 2\n"


def test_a_file_without_persons_has_no_ratios(small_model: Path, capsys: Captured) -> None:
    Path("none.bio").write_text("it O\nsaid O\n. O\n")
    words = reading("evaluate", "none.bio", small_model)
    out, err = done(capsys, *words)
    assert err == "note: none.bio holds no person name: its recall and F1 say nothing\n"
    row = next(line for line in out.splitlines() if "none.bio" in line)
    assert row.split() == ["none.bio", "0", "–", "–", "–", "0", "–", "–", "–"]
    out, _ = done(capsys, *words, "--json")
    assert json.loads(out)["none.bio"]["names"]["f1"] is None


def test_persons_alone_from_a_corpus_with_other_types(capsys: Captured) -> None:
    words = reading("dev", "good.bio", Path("run"))
    done(capsys, *words, "--data.labels", "person")
    tags = read_bundle("run").vocabulary["tags"]
    assert "B-PER" in tags
    assert not any("LOC" in tag for tag in tags)
    out, _ = done(capsys, "evaluate", "--model", "run", "--data", "good.bio", "--json")
    assert json.loads(out)["good.bio"]["names"]["support"] == 3


RECIPES = [
    ("model:\n  hiden_size: 3\n",
     "r.yaml:2: model.hiden_size is no setting; did you mean model.hidden_size?"),
    ("model:\n  layers: many\n", "r.yaml:2: model.layers is 'many': expected a whole number"),
    ("trainer:\n\n  epochs: 0\n", "r.yaml:3: trainer.epochs is 0: it must be 1 or more"),
    ("seed: -3\n", "r.yaml:1: seed is -3: it must be from 0 to 4294967295"),
    ("\xff", "r.yaml: not UTF-8 text at byte 0; save it as UTF-8"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), RECIPES)
def test_a_recipe_that_is_wrong(text: str, expected: str, capsys: Captured) -> None:
    Path("r.yaml").write_text(text, encoding="latin-1")
    assert refused(capsys, "train", "--config", "r.yaml") == expected


def test_a_recipe_that_is_none(capsys: Captured) -> None:
    Path("sub").mkdir()
    for name, expected in (("absent", "absent does not exist: check the path"),
                           ("sub", "sub is a folder: give a file in it")):  # fmt: skip
        assert refused(capsys, "train", "--config", name) == expected


FLAGS = [
    ("model.hiden-size=3",
     "there is no flag --model.hiden-size; did you mean --model.hidden-size?"),
    ("model.layers=3.5", "--model.layers is '3.5': expected a whole number"),
    ("model.hidden-size=0", "--model.hidden-size is 0: it must be 1 or more"),
    ("model.layers=0", "--model.layers is 0: it must be 1 or more"),
    ("model.min-count=0", "--model.min-count is 0: it must be 1 or more"),
    ("model.word-size=-1", "--model.word-size is -1: it must be 0 or more"),
    ("model.char-hidden=0", "--model.char-hidden is 0: it must be 1 or more; set --model.chars to "
     "none to do without characters"),
    ("model.dropout=1", "--model.dropout is 1.0: it must be at least 0 and below 1"),
    ("trainer.epochs=0", "--trainer.epochs is 0: it must be 1 or more"),
    ("trainer.batch-tokens=0", "--trainer.batch-tokens is 0: it must be 1 or more"),
    ("trainer.num-nodes=0", "--trainer.num-nodes is 0: it must be 1 or more"),
    ("trainer.learning-rate=-1", "--trainer.learning-rate is -1.0: it must be above 0"),
    ("trainer.learning-rate=0", "--trainer.learning-rate is 0.0: it must be above 0"),
    ("trainer.weight-decay=-1", "--trainer.weight-decay is -1.0: it must be 0 or more"),
    ("trainer.clip=-1", "--trainer.clip is -1.0: it must be 0 or more"),
    ("trainer.patience=-1", "--trainer.patience is -1: it must be 0 or more"),
    ("trainer.momentum=1", "--trainer.momentum is 1.0: it must be at least 0 and below 1"),
    ("trainer.average=1.5", "--trainer.average is 1.5: it must be at least 0 and below 1"),
    ("trainer.warmup=2", "--trainer.warmup is 2.0: it must be from 0 to 1"),
    ("seed=-1", "--seed is -1: it must be from 0 to 4294967295"),
    ("trainer.precision=nonsense", "--trainer.precision is 'nonsense': expected one of 32-true, "
     "bf16-mixed, 16-mixed"),
    ("data.person-labels=HELD", "good.bio: none of HELD; labels found: PER (3), LOC (3); say with "
     "--data.person-labels which is right, or with --data.tag-column where the tags are"),
    ("data.token-column=-1", "token and tag are both read from column -1: choose two columns with "
     "--data.token-column and --data.tag-column"),
]  # fmt: skip


@pytest.mark.parametrize(("flag", "expected"), FLAGS)
def test_a_setting_that_is_wrong(flag: str, expected: str, capsys: Captured) -> None:
    words = (*reading("train", "good.bio", Path()), f"--{flag}")
    if "no flag" in expected:  # the wrong one is named, of course
        assert main(words) == 2
        assert capsys.readouterr().err == f"error: {expected}\n"
    else:
        assert refused(capsys, *words) == expected


MACHINES = [
    ("devices=99", "devices 99 cannot be had here: {most} processes at most can share this "
     "machine's processors"),
    ("devices=2147483648", "devices 2147483648 cannot be had here: a machine has"),
    ("devices=0", "devices 0 cannot be had here: "),
    ("devices=x", "devices x cannot be had here: "),
    ("accelerator=abacus", "accelerator abacus cannot be had here: You selected an invalid"),
    ("accelerator=gpu", "accelerator gpu cannot be had here: No supported gpu backend found"),
    ("strategy=telepathy", "strategy telepathy cannot be had here: You selected an invalid"),
]  # fmt: skip


@pytest.mark.parametrize("command", ["train", "evaluate"])
@pytest.mark.parametrize(("flag", "expected"), MACHINES)
def test_a_machine_that_is_not_there(
    command: str, flag: str, expected: str, small_model: Path, capsys: Captured
) -> None:
    import torch

    if "gpu" in flag and (torch.cuda.is_available() or torch.backends.mps.is_available()):
        pytest.skip("this machine has a GPU")
    if os.cpu_count() is not None and os.cpu_count() >= 99 and "99" in flag:  # type: ignore[operator]
        pytest.skip("this machine has 99 processors")
    words = (*reading(command, "good.bio", small_model), f"--trainer.{flag}")
    message = refused(capsys, *words)
    most = max(2, os.cpu_count() or 1)
    assert message.startswith("trainer: " + expected.replace("{most}", str(most)))
    assert message.endswith("; leave out what does not fit this machine")


def test_training_without_data(capsys: Captured) -> None:
    expected = "no corpus is given: give --data.train and --data.dev, or --data.corpus"
    assert refused(capsys, "train") == expected
    expected = "there is nothing to learn from: give --data.train or --data.corpus"
    assert refused(capsys, "train", "--data.dev", "good.bio") == expected


def test_a_corpus_that_is_none(capsys: Captured) -> None:
    Path("sub").mkdir()
    for name, expected in (
        ("sub", "sub holds no file whose name says train, dev or test (found: nothing): give "
         "--data.train, --data.dev and --data.test"),
        ("good.bio", "good.bio is a file: give it as --data.train, or give its folder"),
        ("sub/absent", "sub/absent does not exist: give a folder, a Hub id or open"),
    ):  # fmt: skip
        assert refused(capsys, "train", "--data.corpus", name) == expected


MODELS = [
    ("absent", "absent does not exist: a model is a folder, as written by 'ner-rnn train'"),
    ("good.bio", "good.bio is a file: a model is a folder, as written by 'ner-rnn train'"),
    ("sub", "sub is not a model: it has no manifest.json; give the folder that 'ner-rnn train "
     "--output' wrote"),
]  # fmt: skip


@pytest.mark.parametrize("command", ["evaluate", "tag", "info"])
@pytest.mark.parametrize(("name", "expected"), MODELS)
def test_a_model_that_is_none(command: str, name: str, expected: str, capsys: Captured) -> None:
    Path("sub").mkdir()
    words = ("info", name) if command == "info" else reading(command, "good.bio", Path(name))
    assert refused(capsys, *words) == expected


def test_tagging_without_a_built_in_model(capsys: Captured) -> None:
    assert refused(capsys, "tag", "good.bio") == (
        "this installation has no built-in model 'en': make a model by 'make train' and give its "
        "folder as --model"
    )


@pytest.mark.parametrize("command", ["evaluate", "tag", "info"])
def test_a_name_that_is_no_built_in_model(
    command: str, capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("en", "nl"):
        (tmp_path / "built-in" / name).mkdir(parents=True)
    monkeypatch.setattr(builtin, "FOLDER", tmp_path / "built-in")
    words = ("info", "xx") if command == "info" else reading(command, "good.bio", Path("xx"))
    assert refused(capsys, *words) == (
        "xx does not exist: a model is a folder, as written by 'ner-rnn train', or a built-in "
        "model: en, nl"
    )


VECTORS = [
    ("maria 1 2 3\nsilva 1 zz 3\n",
     "v.txt:2: value 2 is 'zz', not a number: mend or remove the line"),
    ("maria 1 2 3\nsilva 1 2\n", "v.txt:2: 'silva 1 2' has 2 values, but 3 are expected from line "
     "1: mend or remove the line"),
    ("2 3\nmaria 1 2 3\n", "v.txt:2: the file ends after 1 words, but line 1 promises 2: it is cut "
     "short or damaged; get it again"),
    ("", "v.txt is empty: give a file of word vectors"),
    (SENTENCE, "v.txt:1: found 'Maria B-PER' where a word and its values, separated by spaces, "
     "should be: is this a file of word vectors?"),
    (None, "v.txt does not exist: check the path"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), VECTORS)
def test_vectors_that_are_broken(text: str | None, expected: str, capsys: Captured) -> None:
    if text is not None:
        Path("v.txt").write_text(text)
    words = (*reading("train", "good.bio", Path()), "--model.vectors", "v.txt")
    assert refused(capsys, *words) == expected


def test_a_file_where_the_output_folder_should_be(capsys: Captured) -> None:
    for output in ("good.bio", "good.bio/run"):
        words = ("train", "--data.train", "good.bio", *SMALL, "--output", output)
        assert refused(capsys, *words) == (
            "good.bio is a file where a folder is needed: choose another path"
        )


IN_A_SMALL_WORLD = """\
set -e
mount -t tmpfs -o size=64k none full
mount -t tmpfs -o size=1200k none filling
mount -t tmpfs -o ro none closed
exec "$@"
"""


def test_a_full_disk_and_a_closed_one(folder: Path, small_model: Path) -> None:
    """Told before the first epoch where it can be; one process, as loading torch takes long."""
    for name in ("full", "filling", "closed"):
        Path(name).mkdir()
    new_world = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    world = [*new_world, "sh", "-c", IN_A_SMALL_WORLD, "sh"]
    try:
        subprocess.run([*world, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no small disk can be mounted here: {error}")
    Path("many.txt").write_text("Maria Silva spoke. " * 10_000)
    runs = [
        [*reading("train", "good.bio", small_model)[:-1], "full/run"],
        [*reading("train", "good.bio", small_model)[:-1], "closed/run"],
        [*reading("train", "good.bio", small_model)[:-1], "filling/run", "--model.hidden-size=99"],
        [*reading("tag", "many.txt", small_model)[:-1], "full/out"],
        [*reading("tag", "good.bio", small_model)[:-1], "closed/out"],
    ]
    code = (
        "import json, os, sys\nfrom ner_rnn_cli.main import main\n"
        "for words in json.loads(sys.argv[1]):\n"
        "    print(main(words), flush=True)\n"
        "print([files for _, _, files in os.walk('full')])\n"
    )
    ran = subprocess.run(
        [*world, sys.executable, "-W", "ignore", "-c", code, json.dumps(runs)],
        capture_output=True, text=True, check=True, timeout=600,
    )  # fmt: skip
    assert ran.stdout.splitlines() == ["2", "2", "2", "2", "2", "[[]]"]
    said = ran.stderr.splitlines()
    assert said[:2] == [
        "error: full/run cannot be written: No space left on device; free some space or choose "
        "another path",
        "error: closed/run cannot be written: Read-only file system; choose another path",
    ]
    told = [line for line in said[2:] if not line.startswith("note: ")]
    assert "filling/run/" in told[0]
    assert told[0].endswith("No space left on device; free some space or choose another path")
    assert told[1:] == [
        "error: full/out cannot be written: No space left on device; free some space or choose "
        "another path",
        "error: closed/out cannot be written: Read-only file system; choose another path",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "model:\n  word_size: 1000000000",
            "recipe.yaml:2: model.word_size is 1000000000: it must be at most 1,000,000; the "
            "weights would take 3.73 TiB or more",
        ),
        ("model:\n  layers: 1000000000", "it must be at most 100; the weights would take 1.4 PiB"),
        (
            "model:\n  hidden_size: 900000",
            "the network is too large; the weights would take 23.6 TiB or more; lower it",
        ),
        ("model:\n  word_size: 1000000", "training would take "),
        (
            "model:\n  cell: clockwork\n  periods: [1, 99999999999999999999]",
            "they must be at most 1,000,000",
        ),
        ("&a {model: *a}", "is nested too deep"),
        ("model: &a\n  periods: [*a]", "holds a list inside the list"),
        ("? [1]\n: 2", "recipe.yaml:1: the name of a setting must be text"),
        ("#" * 40_000, "recipe.yaml is too large for a recipe: at most 32,768 bytes are read"),
    ],
)
def test_a_recipe_that_cannot_fit(text: str, expected: str, folder: Path, capsys: Captured) -> None:
    Path("recipe.yaml").write_text(text)
    words = ("--data.train", "good.bio", "--output", "run")
    assert expected in refused(capsys, "train", "--config", "recipe.yaml", *words)


def test_a_recipe_without_end(folder: Path, capsys: Captured) -> None:
    try:
        os.mknod("endless", stat.S_IFCHR | 0o600, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("an ordinary user makes no devices")
    message = refused(capsys, "train", "--config", "endless", "--output", "run")
    assert "endless is too large for a recipe" in message
