"""A long text -> parts that end where a paragraph, a line or a word does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

__all__ = ["LONGEST_TEXT", "cut_long"]

LONGEST_TEXT = 1_000_000
"""Characters of a text; a longer one is read in parts."""


def cut_long(
    blocks: Iterable[str], longest: int = LONGEST_TEXT
) -> Iterator[tuple[int | None, str]]:
    r"""Join the blocks of a text, and split a long text into parts.

    A part ends after a blank line in its second half; without one, after a line end there; else
    after a space; else at its maximum length.

    Args:
        blocks: the text, in pieces of any length.
        longest: maximum length of a part, in characters.

    Yields:
        Offset and text of each part; the offset of a text in one part is None. For example, with a
        maximum of 5, ``["a\n\nb c"]`` gives ``(0, "a\n\n")`` and ``(3, "b c")``.
    """
    held, offset = "", 0
    for block in blocks:
        held += block
        while len(held) > longest:
            end = _cut_place(held, longest)
            yield offset, held[:end]
            held, offset = held[end:], offset + end
    if held or not offset:
        yield (offset or None), held


def _cut_place(text: str, longest: int) -> int:
    for sign in ("\n\n", "\n\r\n", "\n", " "):
        at = text.rfind(sign, max(0, longest // 2 - len(sign)), longest)
        if at >= 0:
            return at + len(sign)
    return longest
