"""Person names found in text by a recurrent tagger.

The public names are loaded on first use, so that ``import ner_rnn`` costs next to nothing:
neither torch nor Lightning nor datasets comes with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ner_rnn.runtime.tagger import Document, Name, Tagger

from ner_rnn.version import __version__

__all__ = ["Document", "Name", "Tagger", "__version__"]


def __getattr__(name: str) -> Any:
    if name in {"Document", "Name", "Tagger"}:
        from ner_rnn.runtime import tagger

        return getattr(tagger, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
