"""The structure that CONTRIBUTING.md draws: no circles of files, no crowded folders."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
MOST_FILES = 25
"""Of a folder; beyond that it holds more than one subject."""
STILL_FILES: list[list[str]] = []
STILL_ROOMS: list[list[str]] = []
"""Circles left to undo."""


def modules() -> dict[str, Path]:
    """Every module of the package and of the command line by its import name."""
    found = {}
    for folder, name in (("ner_rnn", "ner_rnn"), ("cli", "ner_rnn_cli")):
        for path in (ROOT / folder).rglob("*.py"):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            found[".".join((name, *(part for part in parts if part != "__init__")))] = path
    return found


def imports(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    """Modules that a file imports anywhere: at its head, inside a function, for types alone."""
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join((*above, base)).rstrip(".")
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                found.add(inner if inner in known else base)
    return found & known.keys() - {name}


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of nodes that reach each other (Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph[node]:
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1:
                found.append(sorted(group))

    for node in graph:
        if node not in index:
            visit(node)
    return found


def test_no_files_import_each_other() -> None:
    known = modules()
    graph = {name: imports(name, path, known) for name, path in known.items()}
    assert sum(map(len, graph.values())) > 500  # they were found
    assert sorted(circles(graph)) == STILL_FILES


def test_no_rooms_import_each_other() -> None:
    known = modules()
    graph: dict[str, set[str]] = {}
    for name, path in known.items():
        room = ".".join(name.split(".")[:2])
        others = {".".join(other.split(".")[:2]) for other in imports(name, path, known)}
        graph.setdefault(room, set()).update(others - {room})
    # the package itself gives its public names to whoever asks, and nothing below imports it
    assert not any("ner_rnn" in others for room, others in graph.items() if "cli" not in room)
    rooms = {room: others for room, others in graph.items() if not room.startswith("ner_rnn_cli")}
    assert circles(rooms) == STILL_ROOMS


def test_circles_are_seen() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_no_folder_is_crowded() -> None:
    count = Counter(path.parent for path in modules().values())
    assert {str(folder): n for folder, n in count.items() if n > MOST_FILES} == {}
