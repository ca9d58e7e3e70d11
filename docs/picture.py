"""Draw the terminal output of a command as SVG, for the README and the user guide.

    python docs/picture.py docs/tag.svg -- ner-rnn tag letter.txt --model runs/english

The command runs on a pseudo-terminal, so its colours are those of a terminal.
"""

from __future__ import annotations

import io
import os
import pty
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 96


def run(command: list[str]) -> str:
    """Return what a command writes to its terminal."""
    os.environ.update(COLUMNS=str(WIDTH), TERM="xterm-256color")
    seen: list[bytes] = []

    def read(terminal: int) -> bytes:
        block = os.read(terminal, 4096)
        seen.append(block)
        return block

    if pty.spawn(command, read):
        raise SystemExit(f"{' '.join(command)} failed")
    return b"".join(seen).decode().replace("\r\n", "\n")


def main() -> None:
    """Run the command after ``--`` and write the picture."""
    target, _, *command = sys.argv[1:]
    shown = run(command)
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.assemble(("$ ", "bold green"), " ".join(command)))
    console.print(Text.from_ansi(shown.rstrip("\n")))
    picture = console.export_svg(title="ner-rnn")
    # no fonts from another host
    picture = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL)
    Path(target).write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
