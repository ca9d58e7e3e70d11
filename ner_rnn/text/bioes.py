"""The BIOES scheme as a chain: what may follow what, and the scores that hold it; no torch.

Both ways of running a tagger, ``nn/`` and ``tagging/``, decide by these.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["FORBIDDEN", "LARGEST", "bioes_rules"]

FORBIDDEN = -1e9
"""Score of what the tagging scheme rules out; finite, so that no gradient is NaN."""
LARGEST = 1e5
"""Scores of words are held within this, so that none outweighs what is forbidden."""


def bioes_rules(tags: Sequence[str]) -> tuple[list[bool], list[list[bool]], list[bool]]:
    """Which tags may begin a sentence, follow one another, and end one.

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
