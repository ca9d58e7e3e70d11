"""A Presidio recognizer: persons' names for ``AnalyzerEngine``, by a model of this package.

    analyzer.registry.add_recognizer(PersonRecognizer(min_score=0.5))
    analyzer.analyze("Angela Merkel spoke.", language="en", entities=["PERSON"])
 -> [type: PERSON, start: 0, end: 13, score: 0.998]

It needs nothing of Presidio's own language model: a blank one will do. What happens to the names
found is up to Presidio's anonymizer.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ner_rnn.extras import require
from ner_rnn.model.builtin import DEFAULT

try:
    from presidio_analyzer import AnalysisExplanation, EntityRecognizer, RecognizerResult
except ImportError:
    require("the Presidio recognizer", "presidio_analyzer")
    raise

if TYPE_CHECKING:
    from ner_rnn.runtime.tagger import Tagger

__all__ = ["PersonRecognizer"]


class PersonRecognizer(EntityRecognizer):
    """Finds PERSON; the score is the model's probability of exactly that name."""

    def __init__(
        self,
        model: str | os.PathLike[str] | Tagger = DEFAULT,
        *,
        min_score: float = 0.0,
        supported_language: str = "en",
        supported_entity: str = "PERSON",
        **further: Any,
    ) -> None:
        """Load the model.

        Args:
            model: name of a built-in model, folder of another, or a tagger: as Presidio wants a
                recognizer for each language, several of them can share one.
            min_score: see ``Tagger.pipe``.
            supported_language: language of the texts, as ISO 639-1.
            supported_entity: entity type of a name in the results.
            further: passed on to Presidio (``name``, ``context``, ...).

        Raises:
            BundleError: there is no such model, or one that this version cannot use.
        """
        self.name: str
        self.model = model
        self.min_score = min_score
        super().__init__(
            supported_entities=[supported_entity],
            supported_language=supported_language,
            **further,
        )

    def load(self) -> None:
        """Read the model; called by Presidio, once."""
        from ner_rnn.runtime.tagger import Tagger

        self._tagger = self.model if isinstance(self.model, Tagger) else Tagger.load(self.model)

    def analyze(
        self, text: str, entities: Sequence[str] | None = None, nlp_artifacts: object = None
    ) -> list[RecognizerResult]:
        """Find the names of one text.

        Args:
            text: any text.
            entities: entity types wanted; None: all that are supported.
            nlp_artifacts: not used.
        """
        (entity,) = self.supported_entities
        if entities and entity not in entities:
            return []
        return [
            RecognizerResult(
                entity_type=entity,
                start=name.start,
                end=name.end,
                score=name.score,
                analysis_explanation=AnalysisExplanation(
                    recognizer=self.name,
                    original_score=name.score,
                    textual_explanation=f"found as {entity} by the tagger of ner-rnn",
                ),
            )
            for name in self._tagger.tag(text, min_score=self.min_score).names
        ]
