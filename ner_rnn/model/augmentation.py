"""Settings of the changes that are made to text while a tagger learns from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ner_rnn.model.bounds import Amount, Bounded, Rate

__all__ = ["AugmentConfig"]


@dataclass(frozen=True)
class AugmentConfig(Bounded):
    """Shares of the documents that are changed, drawn anew in each epoch; 0: none."""

    section: ClassVar[str] = "augment."

    lower: Rate = 0.0
    """Share of the documents that are read in lower case."""
    upper: Rate = 0.0
    """Share in capitals."""
    title: Rate = 0.0
    """Share with a capital at the beginning of each word, as in headlines."""
    lower_names: Rate = 0.0
    """Share whose names are in lower case."""
    names: Rate = 0.0
    """Share whose persons get other names, of one culture for most of a document."""
    given_names: tuple[str, ...] = ()
    """Files of given names to draw from, a name a line, with TAB and culture or without."""
    family_names: tuple[str, ...] = ()
    """Files of family names."""
    layout: Rate = 0.0
    """Share with lines of mail, lists, tables or forms, in which names stand."""
    typing: Rate = 0.0
    """Share with typing errors."""
    scan: Rate = 0.0
    """Share with errors of optical character recognition."""
    punctuation: Rate = 0.0
    """Share without punctuation, or with other quotation marks and dashes."""
    sentences: Rate = 0.0
    """Share with sentences that are joined, or cut in two."""
    accents: Rate = 0.0
    """Share without accents."""
    nameless: Amount = 0.0
    """Words of code, logs, identifiers, tables and addresses without a name, for each word."""

    def __post_init__(self) -> None:
        """Refuse settings that cannot work together.

        Raises:
            ConfigError: naming the field.
        """
        super().__post_init__()
        if self.lower + self.upper + self.title > 1:
            raise self.refusal("lower", "lower, upper and title together must be at most 1")
        for name in ("names", "layout"):
            if getattr(self, name) and not (self.given_names and self.family_names):
                raise self.refusal(
                    name, "there are no names to draw", do="give {given_names} and {family_names}"
                )

    @property
    def is_active(self) -> bool:
        """Return whether anything is changed."""
        shares = (value for value in self.to_json().values() if not isinstance(value, tuple))
        return any(shares)
