"""Transitions that the BIOES scheme allows, and scores that enforce them; no torch.

Training (``nn/crf.py``) and decoding (``runtime/decode.py``) both use them.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["FORBIDDEN", "LARGEST", "bioes_rules"]

FORBIDDEN = -1e9
"""Score of a transition that the scheme forbids; finite, so that no gradient is NaN."""
LARGEST = 1e5
"""Bound of the absolute score of a word, so that none outweighs a forbidden transition."""


def bioes_rules(tags: Sequence[str]) -> tuple[list[bool], list[list[bool]], list[bool]]:
    """Return which tags may begin a sentence, follow each other, and end a sentence.

    Args:
        tags: such as ``("O", "B-PER", "I-PER", "E-PER", "S-PER")``.

    Returns:
        start (tags,), transitions (tags, tags) from row to column, end (tags,).

    >>> bioes_rules(["O", "B-PER", "E-PER"])[1]
    [[True, True, False], [False, False, True], [True, True, False]]
    """
    opens = [tag[0] in "OBS" for tag in tags]
    closes = [tag[0] in "OES" for tag in tags]
    follows = [
        [
            next_tag[0] in "OBS" if closed else next_tag[0] in "IE" and next_tag[2:] == tag[2:]
            for next_tag in tags
        ]
        for tag, closed in zip(tags, closes, strict=True)
    ]
    return opens, follows, closes
