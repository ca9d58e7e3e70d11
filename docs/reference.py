"""The reference of the site: a page for every module and one of all commands, made on building.

MkDocs calls ``on_config`` and ``on_files`` (``hooks`` in ``mkdocs.yml``). What is in the reference
follows from the code alone: a module is in it if it lists its public names in ``__all__``, a
command if it is in the table of ``cli/main.py``. The example of a class or function is the shortest
test that uses it, which is known to pass; without one, the shortest function of the package.
"""

from __future__ import annotations

import argparse
import ast
import os
import textwrap
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["Module", "command_helps", "examples", "on_config", "on_files", "page", "public_modules"]

ROOT = Path(__file__).resolve().parent.parent
FOLDER = "reference"
COMMANDS_PAGE = f"{FOLDER}/commands.md"
LONGEST_EXAMPLE = 60
"""Lines; a longer function shows less by itself."""


@dataclass(frozen=True)
class Module:
    """A module with public names.

    Attributes:
        name: its import name.
        room: folder that it lies in, ``ner_rnn/nn``.
        names: its ``__all__``, without names such as ``__version__``.
        defined: those of the names that it defines itself and does not pass on.
    """

    name: str
    room: str
    names: tuple[str, ...]
    defined: frozenset[str]

    @property
    def path(self) -> str:
        """Path of its page below the documents: ``reference/ner_rnn.nn.crf.md``."""
        return f"{FOLDER}/{self.name}.md"


def public_modules() -> list[Module]:
    """Return every module of the package with an ``__all__``, sorted by name."""
    found = []
    for name, path, tree in _sources("ner_rnn"):
        for node in tree.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                names = [n for n in ast.literal_eval(node.value) if not n.startswith("_")]
                defined = frozenset(_defined(tree.body)) & set(names)
                room = path.parent.relative_to(ROOT).as_posix()
                found.append(Module(name, room, tuple(names), defined))
    return sorted(found, key=lambda module: module.name)


def examples() -> dict[str, tuple[str, str]]:
    """Return the shortest function that uses each public name, as (path, source).

    The keys are full names, ``ner_rnn.text.tags.spans``. A test is preferred to the package, and
    another module to the one that defines the name.
    """
    best: dict[str, tuple[int, int, str, str]] = {}
    passed_on = {
        f"{name}.{alias.name}": f"{node.module}.{alias.name}"
        for name, path, tree in _sources("ner_rnn")
        if path.name == "__init__.py"
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for folder in ("tests", "ner_rnn", "cli"):
        for name, path, tree in _sources(folder):
            known = {node: f"{name}.{node}" for node in _defined(tree.body)}
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and not node.level:
                    for alias in node.names:
                        full = f"{node.module}.{alias.name}"
                        known[alias.asname or alias.name] = passed_on.get(full, full)
            lines = path.read_text(encoding="utf-8").splitlines()
            for function in _functions(tree):
                first = min(d.lineno for d in (function, *function.decorator_list))
                length = (function.end_lineno or first) - first + 1
                if length > LONGEST_EXAMPLE:
                    continue
                source = textwrap.dedent("\n".join(lines[first - 1 : first - 1 + length]))
                for full in _used(function, known) - {f"{name}.{function.name}"}:
                    rank = 0 if folder == "tests" else 2 if full.startswith(f"{name}.") else 1
                    found = (rank, length, path.relative_to(ROOT).as_posix(), source)
                    best[full] = min(found, best.get(full, found))
    return {full: (path, source) for full, (_, _, path, source) in best.items()}


def page(module: Module, shown: dict[str, tuple[str, str]]) -> str:
    """Return the page of a module as Markdown, with these examples."""
    lines = [f"# {module.name}", "", f"::: {module.name}", "    options:"]
    lines += ["      members: false", "      show_root_heading: false"]
    passed_on = [name for name in module.names if name not in module.defined]
    if passed_on:
        lines += ["", "Public names: " + ", ".join(f"`{name}`" for name in passed_on) + "."]
    for name in module.names:
        full = f"{module.name}.{name}"
        if name in module.defined:
            lines += ["", f"::: {full}"]
        if name in module.defined and full in shown:
            path, source = shown[full]
            lines += ["", f'??? example "Example, from `{path}`"', "", "    ```python"]
            lines += [f"    {line}".rstrip() for line in source.splitlines()]
            lines += ["    ```"]
    return "\n".join(lines) + "\n"


def command_helps() -> dict[str, str]:
    """Return the help of every command by its name, ``lm train``."""
    from ner_rnn_cli.main import COMMANDS
    from ner_rnn_cli.parser import Parser

    os.environ["COLUMNS"] = "80"  # argparse wraps its text at the terminal's width
    found: dict[str, str] = {}

    def add(name: str, parser: argparse.ArgumentParser) -> None:
        found[name] = parser.format_help()
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for inner, below in action.choices.items():
                    add(f"{name} {inner}", below)

    for name, what in COMMANDS.items():
        command = import_module(f"ner_rnn_cli.{name}")
        title = what[0].upper() + what[1:] + "."
        parser = Parser(prog=f"ner-rnn {name}", description=title, epilog=command.EXAMPLE)
        command.add_arguments(parser)
        add(name, parser)
    return found


def on_config(config: Any) -> Any:
    """Add the reference to the navigation: commands, then the modules room by room."""
    rooms: dict[str, list[dict[str, str]]] = defaultdict(list)
    for module in public_modules():
        rooms[module.room].append({module.name.rpartition(".")[2]: module.path})
    listed = [{room: pages} for room, pages in sorted(rooms.items())]
    config.nav.append({"Reference": [{"Commands": COMMANDS_PAGE}, *listed]})
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the pages of the reference."""
    from mkdocs.structure.files import File

    shown = examples()
    pages = {module.path: page(module, shown) for module in public_modules()}
    pages[COMMANDS_PAGE] = "# Commands\n\nThe text that `--help` shows after each command.\n"
    for name, text in command_helps().items():
        pages[COMMANDS_PAGE] += f"\n## ner-rnn {name}\n\n```text\n{text.rstrip()}\n```\n"
    for path, text in pages.items():
        files.append(File.generated(config, path, content=text))
    return files


def _sources(folder: str) -> Iterator[tuple[str, Path, ast.Module]]:
    """Yield the import name, path and tree of every Python file below a folder."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        yield name, path, ast.parse(path.read_text(encoding="utf-8"))


def _defined(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (ast.unparse(target) for target in targets)


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Yield the functions and methods of a module."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from (inner for inner in node.body if isinstance(inner, ast.FunctionDef))


def _used(tree: ast.AST, known: dict[str, str]) -> set[str]:
    """Return the full names that a tree uses, as ``spans`` or as ``tags.spans``."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in known:
            found.add(known[node.id])
        elif isinstance(node, ast.Attribute):
            owner = known.get(ast.unparse(node.value))
            found |= {f"{owner}.{node.attr}"} if owner else set()
    return found
