"""Contextual string embeddings: against the language models themselves, whole and frozen."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from ner_rnn.encoding.characters import Context
from ner_rnn.encoding.symbols import END, Symbols
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.model.contents import reader_name, weight_shapes
from ner_rnn.model.language_model import Settings
from ner_rnn.model.settings import ModelConfig
from ner_rnn.nn.assembly import build_tagger
from ner_rnn.nn.batches import EncodedCorpus
from ner_rnn.nn.language_model import LanguageModel
from ner_rnn.nn.language_model_files import build_model
from ner_rnn.nn.tagger import NameTagger
from ner_rnn.text.spacing import written

TAGS = ("O", "B-PER", "I-PER", "E-PER", "S-PER")
SENTENCES = [["Anne", "Lee", "sings", "."], ["In", "Oslo", "(", "twice", ")"], ["Lee", "?"]] * 3
SYMBOLS = Symbols.learn("char", Counter("Anne Lee sings. In Oslo (twice)"))
SMALL = ModelConfig(
    hidden_size=4, word_size=3, char_size=3, char_hidden=2, form_size=2, context_size=7
)
KINDS = {
    "lstm": Settings(running=True, hidden_size=6),
    "gru, two layers": Settings(running=True, hidden_size=6, cell="gru", layers=2),
    "one-hot rnn": Settings(running=True, hidden_size=6, cell="rnn", embedding_size=0),
    "tied": Settings(running=True, hidden_size=6, embedding_size=6, tie=True),
}


def built(
    settings: Settings, model: ModelConfig = SMALL
) -> tuple[NameTagger, Vocabulary, dict[str, LanguageModel]]:
    torch.manual_seed(1)
    by_direction = {
        direction: replace(settings, direction=direction) for direction in ("forward", "backward")
    }
    models = {direction: build_model(of, SYMBOLS).eval() for direction, of in by_direction.items()}
    vocabulary = Vocabulary.learn(SENTENCES, TAGS, min_count=1)
    saved = {direction: of.to_json() for direction, of in by_direction.items()}
    vocabulary = replace(vocabulary, context=Context(SYMBOLS, saved))
    tagger = build_tagger(model, vocabulary)
    state = tagger.state_dict()
    for direction, lent in models.items():
        own = lent.state_dict().items()
        state |= {f"{reader_name(direction)}{k}": v for k, v in own if not k.startswith("emit.")}
    tagger.load_state_dict(state)
    assert {name: tuple(value.shape) for name, value in state.items()} == weight_shapes(
        model, vocabulary
    )
    return tagger.eval(), vocabulary, models


def states_by_hand(models: dict[str, LanguageModel], words: list[str], word: int) -> Tensor:
    """A model is run over the text alone, up to the word's last character, or down to its first."""
    before, from_it = written(words[: word + 1])[0], written(words)[0]
    start = len(before) - len(words[word])
    texts = {"forward": before, "backward": from_it[start:][::-1]}
    parts = []
    for direction, text in texts.items():
        ids = torch.from_numpy(np.concatenate([[END], SYMBOLS.encode(text)]))[None].long()
        parts.append(models[direction].states(ids)[0][0, -1])
    return torch.cat(parts)


@pytest.mark.parametrize("kind", KINDS)
def test_states_are_those_of_the_language_models(kind: str) -> None:
    tagger, vocabulary, models = built(KINDS[kind])
    corpus = EncodedCorpus(vocabulary, SENTENCES, documents=[0, 1, 2, 3, 4, 5, 6, 7, 8])
    batch = corpus.batch(range(len(corpus)))
    assert tagger.context is not None
    assert batch.spelled is not None
    states = tagger.context.states(batch.spelled)
    for row, passage in enumerate(batch.passages.tolist()):
        for word in range(len(SENTENCES[passage])):
            by_hand = states_by_hand(models, SENTENCES[passage], word)
            torch.testing.assert_close(states[row, word], by_hand, atol=1e-6, rtol=1e-5)


def test_neither_batch_nor_padding_changes_an_answer() -> None:
    tagger, vocabulary, _ = built(KINDS["lstm"])
    corpus = EncodedCorpus(vocabulary, SENTENCES, documents=[0, 0, 1, 2, 2, 2, 3, 4, 4])
    together = corpus.batch(range(len(corpus)))
    emissions = tagger.emissions(together)
    row = 0
    for window in reversed(range(len(corpus))):
        alone = corpus.batch([window])
        found = tagger.emissions(alone)
        for own, passage in enumerate(alone.passages.tolist()):
            row = together.passages.tolist().index(passage)
            length = int(alone.lengths[own])
            torch.testing.assert_close(found[own, :length], emissions[row, :length])


def test_frozen_models_stay_and_others_learn() -> None:
    for frozen in (True, False):
        tagger, vocabulary, _ = built(KINDS["lstm"], replace(SMALL, context_frozen=frozen))
        tags = [["S-PER" if word in {"Anne", "Lee"} else "O" for word in s] for s in SENTENCES]
        corpus = EncodedCorpus(vocabulary, SENTENCES, tags=tags)
        tagger.train().loss(corpus.batch(range(len(corpus)))).backward()
        assert tagger.context is not None
        gradients = [p.grad is not None for p in tagger.context.readers.parameters()]
        assert gradients
        assert all(gradients) is not frozen
        assert any(gradients) is not frozen
        assert tagger.context.project.weight.grad is not None


def test_training_does_without_the_whole_of_it_now_and_then() -> None:
    tagger, _, _ = built(KINDS["lstm"], replace(SMALL, context_dropout=0.5))
    context = tagger.context
    assert context is not None
    states = torch.randn(200, 3, context.width)
    whole = context(states)
    torch.manual_seed(0)
    dropped = context.train()(states)
    gone = (dropped == 0).all(dim=(1, 2))
    assert 70 < int(gone.sum()) < 130
    torch.testing.assert_close(dropped[~gone], whole[~gone])


def test_known_states_stand_in_for_the_models() -> None:
    tagger, vocabulary, _ = built(KINDS["lstm"])
    corpus = EncodedCorpus(vocabulary, SENTENCES)
    everything = range(len(corpus))
    batch = corpus.batch(everything)
    wanted = tagger.emissions(batch)
    assert tagger.context is not None
    assert batch.spelled is not None
    mask = torch.arange(batch.index.shape[1]) < batch.lengths[:, None]
    states = np.empty((len(corpus.words), tagger.context.width), dtype=np.float32)
    states[corpus.places(batch.passages.tolist())] = tagger.context.states(batch.spelled)[mask]
    corpus.states = states
    known = corpus.batch(everything)
    assert known.spelled is None
    torch.testing.assert_close(tagger.emissions(known), wanted)
