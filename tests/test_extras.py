"""A plain installation: what works without the extras, and how commands ask for the one they need.

The modules of all extras are blocked here; ``test_install.py`` installs the package without them.
"""

from __future__ import annotations

import ast
import json
import os
import re
import resource
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from ner_rnn_cli.main import COMMANDS, NEEDS

from ner_rnn.errors import ConfigError, ExtraError
from ner_rnn.extras import EXTRAS, missing, require
from ner_rnn.model.bundle import MANIFEST
from ner_rnn.runtime.load import uses_gpu

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = pytest.importorskip("tomli")

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OPTIONAL = {module for modules in EXTRAS.values() for module in modules}
SENTENCE = "Maria Silva met Angela Merkel in Paris.\n"

BLOCKED = f"import sys; sys.modules.update(dict.fromkeys({sorted(OPTIONAL)}))\n"
COMMAND = "from ner_rnn_cli.main import main; raise SystemExit(main(sys.argv[1:]))"


def run(code: str, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True, text=True, check=False, input=given,
    )  # fmt: skip


def lean(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command in a process that finds no module of any extra."""
    return run(BLOCKED + COMMAND, *words, given=given)


def names(requirements: list[str]) -> set[str]:
    """Return the names of packages, in one spelling: ``["PyYAML>=6,<7"]`` -> ``{"pyyaml"}``."""
    found = (re.match(r"[\w.-]+(?!.*\bextra\b)", line) for line in requirements)
    return {re.sub(r"[-_.]+", "-", name[0]).lower() for name in found if name}


def test_pyproject_has_the_extras_that_the_messages_name() -> None:
    listed = PROJECT["optional-dependencies"]
    for extra, modules in EXTRAS.items():
        brought = names([line for line in listed[extra] if not line.startswith("ner-rnn[")])
        assert brought == {module.replace("_", "-") for module in modules}
    assert "ner-rnn[parquet]" in listed["train"]
    assert "train" in "".join(line for line in listed["dev"] if line.startswith("ner-rnn["))


def test_whatever_is_imported_is_a_dependency_or_in_an_extra() -> None:
    by_module = metadata.packages_distributions()
    brought_along = {"jinja2": "markupsafe"}
    known = names(PROJECT["dependencies"]) | set(brought_along.values()) | {"ner-rnn"}
    found = set()
    for folder in ("ner_rnn", "cli"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    found.add((node.module or "").partition(".")[0])
    found -= set(sys.stdlib_module_names) | OPTIONAL | {"ner_rnn", "ner_rnn_cli", "_typeshed"}
    found -= {"compression"}  # of the standard library from Python 3.14 on
    assert {"numpy", "yaml"} <= found
    assert {name for name in found if not names(by_module.get(name, [name])) & known} == set()


def test_what_is_missing_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("scipy", "onnx", "gensim"):
        monkeypatch.setitem(sys.modules, module, None)
    assert missing("scipy", "numpy", "onnx") == ["scipy", "onnx"]
    require("this", "numpy")
    with pytest.raises(ExtraError) as problem:
        require("this", "numpy", "scipy", "onnx", "gensim", instead="set {format} to csv")
    assert problem.value.line(lambda name: f"--{name}") == (
        "this needs scipy, onnx and gensim, which are not installed: "
        "pip install 'ner-rnn[train,vectors]', or set --format to csv"
    )
    assert isinstance(problem.value, ConfigError)
    assert isinstance(problem.value, ImportError)  # for whoever tries an import


@pytest.mark.parametrize("typed", NEEDS)
def test_a_command_names_its_extra_at_once(typed: str) -> None:
    def spent() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    before = spent()
    done = lean(*typed.split())
    assert spent() - before < 0.3  # 0.06 s measured; the clock would count what else is running
    assert done.returncode == 2
    assert done.stdout == ""
    line = r"error: '(ner-rnn [ a-z]+)' needs [-\w, ]+, which (is|are) not installed: pip install '"
    found = re.fullmatch(line + r"ner-rnn\[([a-z,]+)\]'\n", done.stderr)
    assert found, done.stderr
    assert found[1] == f"ner-rnn {typed}"
    needed = {extra for extra, brought in EXTRAS.items() if {*brought} & {*NEEDS[typed]}}
    assert set(found[3].split(",")) == needed
    assert lean(*typed.split(), "--help").returncode == 0


def test_the_line_of_training() -> None:
    assert lean("train").stderr == (
        "error: 'ner-rnn train' needs torch, pytorch-lightning, datasets, seqeval, scipy, onnx, "
        "jinja2 and filelock, which are not installed: pip install 'ner-rnn[train]'\n"
    )


def test_needs_are_of_commands() -> None:
    assert {typed.split()[0] for typed in NEEDS} < set(COMMANDS)
    assert {module for modules in NEEDS.values() for module in modules} <= OPTIONAL


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        (None, '{"source": "-"'),
        ("jsonl", '{"source": "-"'),
        ("csv", "source,id,start"),
        ("conll", ""),
        ("names", "1\t"),
        ("html", "<!DOCTYPE html>"),
        ("text", "[Maria Silva]"),
    ],
)
def test_tags_in_every_format(small_model: Path, name: str | None, begins: str) -> None:
    format = ["--format", name] if name else []
    done = lean("tag", "-", "--model", str(small_model), *format, given=SENTENCE)
    assert done.returncode == 0, done.stderr
    assert "Silva" in done.stdout
    assert done.stdout.startswith(begins)


@pytest.mark.parametrize("words", [["info", "en"], ["models"], ["models", "--json"]])
def test_models_are_described(words: list[str]) -> None:
    done = lean(*words)
    assert done.returncode == 0, done.stderr
    assert "en" in done.stdout


def test_files_are_checked(corpus: Path) -> None:
    assert lean("data", "check", str(corpus / "test.txt")).returncode == 0


def test_tagging_loads_core_dependencies_alone() -> None:
    code = (
        "import sys\nfrom ner_rnn_cli.main import main\nbefore = set(sys.modules)\n"
        "for format in ('jsonl', 'csv', 'conll', 'names', 'html'):\n"
        "    main(['tag', 'a.txt', '--output', f'a.{format}', '--format', format])\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    (Path("a.txt")).write_text(SENTENCE, encoding="utf-8")
    done = run(code)
    by_module = metadata.packages_distributions()
    loaded = names([name for root in done.stdout.split() for name in by_module.get(root, [])])
    assert {"numpy", "onnxruntime", "safetensors", "backports-zstd"} <= loaded
    brought, waiting = set(), names(PROJECT["dependencies"])
    while waiting:
        brought |= waiting
        further = [line for name in waiting for line in metadata.requires(name) or ()]
        installed = names([name for names in by_module.values() for name in names])
        waiting = (names(further) & installed) - brought
    assert loaded - brought == {"ner-rnn"} - brought & loaded


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--device", "cuda"],
            "device cuda needs torch, which is not installed: pip install 'ner-rnn[train]'",
        ),
        (
            ["--format", "parquet", "--output", "a.parquet"],
            "writing Parquet needs pyarrow, which is not installed: pip install "
            "'ner-rnn[parquet]', or set --format to csv",
        ),
        (
            ["--input", "parquet"],
            "reading a.txt needs pyarrow, which is not installed: pip install 'ner-rnn[parquet]'",
        ),
    ],
)
def test_what_few_uses_need_is_named(small_model: Path, words: list[str], message: str) -> None:
    Path("a.txt").write_text(SENTENCE, encoding="utf-8")
    done = lean("tag", "a.txt", "--model", str(small_model), *words)
    assert done.stderr == f"error: {message}\n"
    assert done.returncode == 2


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_what_a_command_asks_for_in_its_midst_is_named(corpus: Path) -> None:
    recipe = {"data": {"corpora": [str(corpus / "train.txt")]}}
    Path("a.yaml").write_text(json.dumps(recipe), encoding="utf-8")
    done = lean("data", "check", "--config", "a.yaml")
    assert done.stderr == (
        "error: what was asked of 'ner-rnn data' needs datasets, which is not installed: "
        "pip install 'ner-rnn[train]'\n"
    )
    assert done.returncode == 2


def test_from_python() -> None:
    code = BLOCKED + f"from ner_rnn import Tagger; print(Tagger.load().tag({SENTENCE!r}).names)"
    assert "Maria Silva" in run(code).stdout
    for name in ("ner_rnn.training.fit", "ner_rnn.nn.crf", "ner_rnn.language_model.sampling"):
        done = run(BLOCKED + f"try: import {name}\nexcept ImportError as error: print(error)")
        assert done.stdout.startswith(name.rpartition(".")[0] + " needs torch")
        assert "pip install 'ner-rnn[train]'" in done.stdout


def test_a_network_that_torch_alone_can_run_says_so(tmp_path: Path) -> None:
    import dataclasses

    import torch

    from ner_rnn.encoding.vocabulary import Vocabulary
    from ner_rnn.model.bundle import write_bundle
    from ner_rnn.model.settings import ModelConfig
    from ner_rnn.nn.assembly import build_tagger

    vocabulary = Vocabulary.learn([["Maria", "spoke"]], ["O", "S-PER"])
    config = ModelConfig(cell="reservoir", hidden_size=8, sparsity=0.5, word_size=8, char_hidden=4)
    with torch.random.fork_rng():
        network = build_tagger(config, vocabulary)
    write_bundle(
        tmp_path / "echo",
        config={"model": dataclasses.asdict(config)},
        vocabulary=vocabulary.to_json(),
        weights={name: value.numpy() for name, value in network.state_dict().items()},
        metrics={},
        card="",
        encoders={},
    )
    assert (tmp_path / "echo" / MANIFEST).is_file()
    assert lean("info", "echo").returncode == 0
    done = lean("tag", "-", "--model", "echo", given=SENTENCE)
    assert done.stderr == (
        "error: echo (a reservoir's sparse product has no fast counterpart in onnxruntime) needs "
        "torch, which is not installed: pip install 'ner-rnn[train]'\n"
    )
    others = sorted(OPTIONAL - {"torch"})
    code = f"import sys; sys.modules.update(dict.fromkeys({others}))\n" + COMMAND
    assert run(code, "tag", "-", "--model", "echo", given=SENTENCE).returncode == 0


def test_a_gpu_without_torch_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a server whose GPU is for others: auto takes the CPU."""
    monkeypatch.setattr(os.path, "exists", lambda path: True)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert not uses_gpu("auto")
    with pytest.raises(ExtraError, match=r"device cuda needs torch"):
        uses_gpu("cuda")


RECORDING = f"""
import builtins, sys
optional, recorded, real = {OPTIONAL!r}, set(), builtins.__import__
def note(name, globals=None, *further, **named):
    root = name.partition(".")[0]
    asks = (globals or {{}}).get("__name__", "").partition(".")[0]
    if root in optional and asks in ("ner_rnn", "ner_rnn_cli"):
        recorded.add(root)
    return real(name, globals, *further, **named)
builtins.__import__ = note
from ner_rnn_cli.main import main
if __name__ == "__main__":
    status = main(sys.argv[1:])
    print("imported", *recorded)
    raise SystemExit(status)
"""


@pytest.mark.slow
def test_needs_are_what_commands_import(corpus: Path) -> None:
    """A minute: every command that needs an extra does its least work."""
    words = str.split
    text = " ".join(f"{word} spoke in Paris and {word} was heard ." for word in "abcdefgh") * 20
    Path("text.txt").write_text("\n".join([text] * 5), encoding="utf-8")
    Path("names.txt").write_text("Maria\nJohn\nAngela\n" * 9, encoding="utf-8")
    small = ["--trainer.epochs", "1", "--model.hidden-size", "4", "--model.word-size", "4"]
    splits = ("train", "dev", "test")
    given = [f"--data.{split}={corpus / split}.txt" for split in splits]
    Path("a.yaml").write_text("model: {hidden_size: 4, word_size: 4}\n", encoding="utf-8")
    listed = [{"path": f"{corpus / split}.txt", "split": split} for split in splits]
    Path("listed.yaml").write_text(json.dumps({"data": {"corpora": listed}}), encoding="utf-8")
    runs = {
        "train": ["--config", "listed.yaml", *small, "--output", "run"],
        "distill": [
            *("--teacher", "run", "--text", "text.txt", "--config", "listed.yaml"),
            *(*small, "--data.cache", "cache", "--output", "student"),
        ],
        "evaluate": ["--model", "run", "--data", str(corpus / "test.txt"), "--output", "report"],
        "compare": ["a.yaml", *given, "--trainer.epochs", "1", "--output", "compared"],
        "inspect": words("memory --model run --only gradients --passages 1 --lags 2 --output m"),
        "lm train": words("names.txt --unit char --epochs 1 --hidden-size 4 --output lm"),
        "lm sample": words("lm --count 1"),
        "lm score": words("lm names.txt"),
        "lm compare": words("lm other names.txt"),
        "clusters train": words("text.txt --classes 3 --output c.txt"),
        "vectors train": words("text.txt --size 4 --epochs 1 --output v.txt"),
        "verify": [],
    }
    assert runs.keys() == NEEDS.keys()
    Path("other").symlink_to("lm")  # two models to compare need two names
    Path("recording.py").write_text(RECORDING, encoding="utf-8")
    for typed, further in runs.items():
        done = subprocess.run(
            [sys.executable, "recording.py", *words(typed), *further],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        [imported] = re.findall("^imported (.*)$", done.stdout, re.MULTILINE)[-1:]
        # datasets brings pyarrow; a report has its plots where matplotlib is; the trainings of
        # compare are other processes
        without = {"pyarrow"} | ({"matplotlib"} if typed == "evaluate" else set())
        elsewhere = set(NEEDS["train"]) if typed == "compare" else set()
        assert set(imported.split()) - without | elsewhere == set(NEEDS[typed]), typed


def test_an_engine_names_its_extra(tmp_path: Path) -> None:
    words = ["tag", "letter.txt", "--engine", "ray", "--output", str(tmp_path / "named")]
    done = lean(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: a dataset of Ray needs ray, which is not installed: pip install 'ner-rnn[ray]'\n"
    )
    done = run(BLOCKED + "import ner_rnn.integrations.spark")
    assert done.stderr.splitlines()[-1].endswith(
        "a function for Spark needs pyspark and pandas, which are not installed: "
        "pip install 'ner-rnn[spark]'"
    )
