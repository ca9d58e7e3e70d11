"""From settings and a vocabulary to a network; from a bundle back to the network it holds.

The one place besides ``training/fit.py`` that knows both configurations and modules. Training and
tagging share it, so both build the same model.
"""

from __future__ import annotations

import torch

from ner_rnn.encoding.characters import Context
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.model.bundle import Bundle
from ner_rnn.model.contents import model_config
from ner_rnn.model.language_model import reader_settings
from ner_rnn.model.settings import EncoderConfig, ModelConfig
from ner_rnn.nn.contextual import ContextEmbedding
from ner_rnn.nn.embeddings import FormEmbedding, LetterCNN, LetterLSTM, WordEmbedding
from ner_rnn.nn.encoder import Encoder
from ner_rnn.nn.feedforward import FeedForward
from ner_rnn.nn.language_model import SymbolEncoder
from ner_rnn.nn.memory import DocumentMemory
from ner_rnn.nn.recurrent import Recurrent
from ner_rnn.nn.reservoir import Reservoir
from ner_rnn.nn.tagger import NameTagger

__all__ = ["build_encoder", "build_tagger", "load_tagger"]


def build_tagger(model: ModelConfig, vocabulary: Vocabulary, *, fresh: bool = True) -> NameTagger:
    """Build a network with weights drawn from torch's random state.

    Not ``fresh``: weights will be loaded, and a reservoir need not be drawn and measured.
    """
    letters: LetterCNN | LetterLSTM | None = None
    if model.chars == "cnn":
        letters = LetterCNN(vocabulary.character_count, model.char_size, model.char_hidden)
    elif model.chars == "lstm":
        letters = LetterLSTM(vocabulary.character_count, model.char_size, model.char_hidden)
    forms = FormEmbedding(
        letters,
        features=vocabulary.feature_count,
        feature_count=len(vocabulary.feature_names),
        feature_size=model.form_size,
        droppable=vocabulary.unknown_knowledge(),
        drop=model.knowledge_dropout,
    )
    words = None
    if model.word_size:
        words = WordEmbedding(
            vocabulary.word_count,
            model.word_size,
            counts=torch.tensor([1, 1, *vocabulary.counts]),
            rate=model.word_dropout,
        )
    context = _build_context(model, vocabulary.context, fresh) if vocabulary.context else None
    input_size = sum(part.output_size for part in (words, forms, context) if part)
    encoder = build_encoder(model, input_size, fresh=fresh)
    return NameTagger(
        vocabulary.tags,
        words=words,
        forms=forms,
        context=context,
        encoder=encoder,
        memory=DocumentMemory(encoder.output_size, model.memory_units) if model.memory else None,
        output=model.output,
        input_dropout=model.input_dropout,
        dropout=model.dropout,
    )


def _build_context(model: ModelConfig, context: Context, fresh: bool) -> ContextEmbedding:
    count = len(context.symbols)
    readers = {
        direction: SymbolEncoder(
            count,
            build_encoder(settings, settings.embedding_size or count, fresh=fresh),
            embedding_size=settings.embedding_size,
        )
        for direction, settings in reader_settings(context).items()
    }
    return ContextEmbedding(
        readers, model.context_size, drop=model.context_dropout, frozen=model.context_frozen
    )


def build_encoder(model: EncoderConfig, input_size: int, *, fresh: bool = True) -> Encoder:
    """Build the encoder of a recipe; ``fresh`` as in :func:`build_tagger`."""
    if model.cell == "reservoir":
        return Reservoir(
            input_size,
            model.hidden_size,
            bidirectional=model.bidirectional,
            spectral_radius=model.spectral_radius,
            input_scale=model.input_scale,
            sparsity=model.sparsity,
            leak=model.leak,
            fresh=fresh,
        )
    if model.cell == "none":
        return FeedForward(
            input_size,
            model.hidden_size,
            layers=model.layers,
            nonlinearity=model.nonlinearity,
            dropout=model.dropout,
        )
    return Recurrent(
        model.cell,
        input_size,
        model.hidden_size,
        layers=model.layers,
        bidirectional=model.bidirectional,
        nonlinearity=model.nonlinearity,
        periods=model.periods,
        dropout=model.dropout,
    )


def load_tagger(bundle: Bundle) -> tuple[NameTagger, Vocabulary]:
    """Return the network of a bundle, ready to tag, and its vocabulary.

    Args:
        bundle: as ``model/loader.py`` read it, which checks that its parts fit each other.
    """
    vocabulary = Vocabulary.from_json(bundle.vocabulary)
    tagger = build_tagger(model_config(bundle), vocabulary, fresh=False)
    tagger.load_state_dict({k: torch.from_numpy(v) for k, v in bundle.weights.items()})
    return tagger.eval(), vocabulary
