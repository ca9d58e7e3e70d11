"""The documents agree with the code: paths, links, commands, versions, and a complete reference."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

import ner_rnn

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = pytest.importorskip("tomli")

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def reference() -> Iterator[ModuleType]:
    """The code that makes the reference; it needs none of the packages that build the site."""
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["reference"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["reference"]


@pytest.fixture(scope="module")
def examples(reference: ModuleType) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = reference.examples()
    return found


def parsed(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = set(
        re.findall(r"(?<![\w/.])(?:ner_rnn|cli|tests|docs|configs|benchmarks)/[\w./]*\w/?", text)
    )
    assert path.name != "CONTRIBUTING.md" or len(named) > 30
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_link_of_a_document_leads_somewhere(reference: ModuleType) -> None:
    generated = {reference.COMMANDS_PAGE, *(m.path for m in reference.public_modules())}
    for path in DOCUMENTS:
        text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for link in re.findall(r"\]\(([^)#\s]+)", text):
            here = (path.parent / link).exists() or link in generated
            assert here or link.startswith("https://"), f"{path.name}: {link}"


def test_every_command_and_flag_of_the_documents_exists(reference: ModuleType) -> None:
    helps = reference.command_helps()
    seen = 0
    for path in [*DOCUMENTS, *(ROOT / "configs").glob("*.yaml")]:
        text = re.sub(r"\\\n#?", " ", path.read_text(encoding="utf-8"))
        for line in re.findall(r"ner-rnn (?!--)([a-z][^\n`|#]*)", text):
            words = line.split()
            if words[0] not in helps:  # prose
                continue
            name = " ".join(words[:2]) if " ".join(words[:2]) in helps else words[0]
            for flag in re.findall(r"(?<!\S)(--[a-z][\w.-]*\w)", line):
                seen += 1
                known = re.escape(flag.replace("_", "-"))
                assert re.search(rf"{known}(?![\w.-])", helps[name]), f"{path.name}: {line}"
    assert seen > 80


def test_contributing_draws_the_floors_in_the_order_of_the_contract() -> None:
    layers = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    rooms = [room.strip() for layer in layers for room in layer.split("|")]
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    drawn = re.findall(r"^\| (\d) \| (.*?) \|", text, re.MULTILINE)
    floor = {
        name: int(number) for number, names in drawn for name in re.findall(r"`([\w/.]+)`", names)
    }
    paths = [
        "cli/" if room == "ner_rnn_cli" else room.replace(".", "/") + ("/" if folder else ".py")
        for room in rooms
        for folder in [(ROOT / room.replace(".", "/")).is_dir()]
    ]
    assert sorted(floor) == sorted(paths)
    assert [floor[path] for path in paths] == sorted((floor[path] for path in paths), reverse=True)


def test_every_document_is_in_the_navigation_of_the_site() -> None:
    def pages(nav: Any) -> Iterator[str]:
        for entry in nav:
            for below in entry.values():
                yield from [below] if isinstance(below, str) else pages(below)

    on_disk = {path.name for path in (ROOT / "docs").glob("*.md")}
    assert sorted(pages(parsed("mkdocs.yml")["nav"])) == sorted(on_disk)


def test_every_public_module_is_in_the_reference(reference: ModuleType) -> None:
    public = {
        ".".join(
            part for part in path.relative_to(ROOT).with_suffix("").parts if part != "__init__"
        )
        for path in (ROOT / "ner_rnn").rglob("*.py")
        if re.search(r"^__all__\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    modules = reference.public_modules()
    assert len(public) > 100
    assert {module.name for module in modules} == public
    nav: list[Any] = []
    reference.on_config(type("Config", (), {"nav": nav}))
    rooms = nav[0]["Reference"][1:]
    listed = [
        path for room in rooms for pages in room.values() for p in pages for path in p.values()
    ]
    assert sorted(listed) == sorted(module.path for module in modules)


def test_a_page_of_the_reference_has_every_public_name_and_a_tested_example(
    reference: ModuleType, examples: dict[str, tuple[str, str]]
) -> None:
    (module,) = (m for m in reference.public_modules() if m.name == "ner_rnn.text.tags")
    page = reference.page(module, examples)
    source = ast.parse((ROOT / "ner_rnn" / "text" / "tags.py").read_text(encoding="utf-8"))
    public = {node.name for node in source.body if isinstance(node, ast.FunctionDef)}
    for name in public & set(module.names):
        assert f"\n::: ner_rnn.text.tags.{name}\n" in page
    path, example = examples["ner_rnn.text.tags.spans"]
    assert path.startswith("tests/")
    assert "spans(" in example
    assert example.splitlines()[-1] in page


def test_most_public_names_have_an_example(
    reference: ModuleType, examples: dict[str, tuple[str, str]]
) -> None:
    names = [f"{m.name}.{name}" for m in reference.public_modules() for name in m.defined]
    assert sum(name in examples for name in names) > 0.9 * len(names)


def test_benchmarks_and_examples_import_public_names(reference: ModuleType) -> None:
    public = {(m.name, name) for m in reference.public_modules() for name in m.names}
    examples = [
        block
        for path in DOCUMENTS
        for block in re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    ]
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "benchmarks").glob("*.py")]
    imported = {
        (node.module, alias.name)
        for source in (*sources, *examples)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ner_rnn.")
        for alias in node.names
    }
    assert len(imported) > 25
    assert imported - public == set()


def test_the_version_is_the_same_everywhere() -> None:
    version = ner_rnn.__version__
    assert parsed("CITATION.cff")["version"] == version
    released = re.findall(
        r"^## (\d\S*), (\d{4}-\d\d-\d\d)$",
        (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert released[0] == (version, str(parsed("CITATION.cff")["date-released"]))
    supported = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert f"| {version.rpartition('.')[0]} | yes |" in supported


def test_the_hooks_run_what_make_check_runs() -> None:
    (local,) = parsed(".pre-commit-config.yaml")["repos"]
    hooks = [hook["entry"].removeprefix(".venv/bin/") for hook in local["hooks"]]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe is not None
    checks = [line.removesuffix(" .") for line in re.findall(r"\$\(BIN\)/(.*)", recipe[1])]
    assert hooks == checks


def test_the_workflow_covers_every_supported_python() -> None:
    jobs = parsed(".github/workflows/check.yml")["jobs"]
    versions = jobs["test"]["strategy"]["matrix"]["python"]
    listed = [c.rpartition(" ")[2] for c in PROJECT["project"]["classifiers"] if "3." in c]
    assert versions == listed
    assert PROJECT["project"]["requires-python"] == f">={versions[0]}"
    assert {"run": ".ci/run"} in jobs["test"]["steps"]
    assert {"run": "make docs"} in jobs["docs"]["steps"]
