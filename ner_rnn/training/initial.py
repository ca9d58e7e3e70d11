"""The tagger as a training finds it: its vocabulary, and weights that come from elsewhere.

They come from the model that a training starts from, or from word vectors and language models;
all other weights are drawn at random.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ner_rnn.corpora.corpus import Corpus
from ner_rnn.encoding.knowledge import load_knowledge
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.model.bundle import WEIGHTS
from ner_rnn.model.contents import weight_shapes
from ner_rnn.model.settings import Config, ModelConfig
from ner_rnn.nn.assembly import build_tagger
from ner_rnn.nn.tagger import NameTagger
from ner_rnn.text.opening import checksum
from ner_rnn.training.contextual import check_coverage, load_context
from ner_rnn.training.demand import check_memory
from ner_rnn.training.material import Material
from ner_rnn.training.run import Notice
from ner_rnn.training.start import Start

__all__ = ["Initial", "initial_tagger"]

Vectors = tuple[NDArray[np.float32], NDArray[np.bool_]]
"""Vectors of the words of a vocabulary (words, size), and which of them have one (words,)."""


@dataclass(frozen=True)
class Initial:
    """A tagger that has not learned yet.

    Attributes:
        config: the recipe, with the width of its vectors where a file gives them.
        vocabulary: what the tagger knows of words.
        tagger: the network.
        sources: SHA-256 of the files, beside the corpora, that it was made from.
    """

    config: Config
    vocabulary: Vocabulary
    tagger: NameTagger
    sources: Mapping[str, str]


def initial_tagger(
    config: Config,
    material: Material,
    epochs: Sequence[Corpus],
    start: Start | None,
    on_notice: Notice,
) -> Initial:
    """Make the tagger of a recipe, or that of a start with what it needs for new text.

    Args:
        config: the recipe.
        material: text to learn from, of which the words are taken.
        epochs: the text of each epoch, if they differ.
        start: model to start from.
        on_notice: called with what vectors and language models know of the text.

    Raises:
        UserError: a file cannot be read, or training would not fit into memory.
    """
    vectors: Vectors | None = None
    given: dict[str, Tensor] = {}
    if start is not None:
        new = material.new_sentences
        vocabulary = start.extended(new)
        given = {name: torch.from_numpy(v) for name, v in start.weights(vocabulary).items()}
        if vocabulary.context is not None:
            check_coverage(vocabulary.context, new, start.name, on_notice)
        sources = start.sources
    else:
        learned = material.learned
        tags = ["O", *(f"{p}-{label}" for label in learned.entity_types for p in "BIES")]
        text = epochs[0] if epochs else learned
        config, vocabulary, vectors = _vocabulary(config, text, tags, on_notice)
        if config.model.language_model is not None:
            context, given = load_context(config.model.language_model)
            check_coverage(context, learned.tokens, config.model.language_model, on_notice)
            vocabulary = replace(vocabulary, context=context)
        sources = _sources(config.model)  # now: files may change while the model learns
    check_memory(
        config.model,
        weight_shapes(config.model, vocabulary),
        optimizer=config.trainer.optimizer,
        average=config.trainer.average > 0,
    )
    tagger = build_tagger(config.model, vocabulary)
    tagger.load_state_dict(tagger.state_dict() | given)
    if vectors is not None and tagger.words is not None:
        tagger.words.start_from(*vectors)
    return Initial(config, vocabulary, tagger, sources)


def _vocabulary(
    config: Config, learned: Corpus, tags: Sequence[str], on_notice: Notice
) -> tuple[Config, Vocabulary, Vectors | None]:
    """Learn the vocabulary; with pre-trained vectors, their words and width decide too."""
    path, count = config.model.vectors, config.model.min_count
    knowledge = load_knowledge(
        clusters=config.model.clusters,
        prefixes=config.model.cluster_prefixes,
        lists=config.model.gazetteers,
    )
    if path is None:
        vocabulary = Vocabulary.learn(learned.tokens, tags, min_count=count, knowledge=knowledge)
        return config, vocabulary, None
    from ner_rnn.encoding.vectors import load_vectors

    seen = Vocabulary.learn(learned.tokens, tags, min_count=1).words
    read = load_vectors(path, seen, further=config.model.vector_words)
    on_notice(f"{path}: {read.coverage}")
    row_of = {word: row for row, word in enumerate(read.words) if read.found[row]}
    vocabulary = Vocabulary.learn(
        learned.tokens, tags, min_count=count, extra_words=row_of, knowledge=knowledge
    )
    known = np.array([word in row_of for word in vocabulary.words], dtype=np.bool_)
    rows = [row_of.get(word, 0) for word in vocabulary.words]
    model = replace(config.model, word_size=read.matrix.shape[1])
    return replace(config, model=model), vocabulary, (read.matrix[rows], known)


def _sources(model: ModelConfig) -> dict[str, str]:
    """Return the checksums of the files that are learned from, without the corpus, by file."""
    files = [file for file in (model.vectors, model.clusters) if file] + [*model.gazetteers]
    if model.language_model is not None:
        files += map(str, sorted(Path(model.language_model).rglob(WEIGHTS)))
    return {file: checksum(file) for file in files}
