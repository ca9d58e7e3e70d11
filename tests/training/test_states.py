"""States of language models kept on disk: the same as found anew, read once, bounded."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ner_rnn.encoding.characters import Context
from ner_rnn.encoding.symbols import Symbols
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.model.language_model import Settings
from ner_rnn.model.settings import ModelConfig
from ner_rnn.nn.assembly import build_tagger
from ner_rnn.nn.batches import EncodedCorpus
from ner_rnn.nn.contextual import ContextEmbedding
from ner_rnn.training import states
from ner_rnn.training.states import remember

SENTENCES = [["Anne", "Lee", "sings", "."], ["In", "Oslo", "(", "twice", ")"], ["Lee", "?"]] * 5
DIRECTIONS = {"forward": Settings(running=True, hidden_size=6).to_json()}
SYMBOLS = Symbols.learn("char", Counter("Anne Lee sings. In Oslo (twice)"))
BYTES = 4 * sum(map(len, SENTENCES)) * 6


def vocabulary() -> Vocabulary:
    learned = Vocabulary.learn(SENTENCES, ["O", "S-PER"], min_count=1)
    return replace(learned, context=Context(SYMBOLS, DIRECTIONS))


def models(seed: int = 1) -> ContextEmbedding:
    torch.manual_seed(seed)
    context = build_tagger(ModelConfig(hidden_size=4, context_size=3), vocabulary()).context
    assert context is not None
    return context.eval()


def corpus(words: list[list[str]] = SENTENCES) -> EncodedCorpus:
    return EncodedCorpus(vocabulary(), words)


@pytest.mark.parametrize("half", [True, False])
def test_kept_states_are_those_found_anew(tmp_path: Path, half: bool) -> None:
    notices: list[str] = []
    context, kept = models(), corpus()
    remember(kept, context, tmp_path / "a", "train", half=half, on_notice=notices.append)
    assert len(notices) == 1
    assert notices[0].startswith("train: 55 words read with the language models in ")
    everything = range(len(kept))
    fresh = corpus().batch(everything)
    assert fresh.spelled is not None
    wanted = context.states(fresh.spelled)
    found = kept.batch(everything).context
    assert found is not None
    mask = torch.arange(fresh.index.shape[1]) < fresh.lengths[:, None]
    error = float((found[mask] - wanted[mask]).abs().max())
    assert 1e-6 < error < 1e-3 if half else error < 1e-6
    assert float(found[~mask].abs().sum()) == 0


def test_a_second_run_reads_nothing_and_other_models_or_words_do(tmp_path: Path) -> None:
    notices: list[str] = []
    for context, text in (
        (models(), SENTENCES),
        (models(), SENTENCES),
        (models(2), SENTENCES),
        (models(), SENTENCES[:-1]),
    ):
        remember(corpus(text), context, tmp_path, "dev", on_notice=notices.append)
    assert len(notices) == 3
    assert len(list(tmp_path.glob("*.npy"))) == 3
    assert not list(tmp_path.glob("*.partial"))


def test_the_entries_used_longest_ago_go_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(states, "ROOM", 2 * BYTES + 600)  # and two heads of files
    for seed in (1, 2):
        remember(corpus(), models(seed), tmp_path, "dev", on_notice=print)
    by_age = sorted(tmp_path.glob("*.npy"), key=os.path.getmtime)
    os.utime(by_age[0], (1, 1))
    os.utime(by_age[1], (2, 2))
    remember(corpus(), models(3), tmp_path, "dev", on_notice=print)
    left = set(tmp_path.glob("*.npy"))
    assert len(left) == 2
    assert by_age[0] not in left


@pytest.mark.parametrize("why", ["too large", "not writable"])
def test_where_they_cannot_be_kept_they_are_found_in_each_batch(
    tmp_path: Path, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices: list[str] = []
    folder = tmp_path / "cache"
    if why == "too large":
        monkeypatch.setattr(states, "ROOM", BYTES - 1)
    else:
        folder.write_text("a file is in the way")
    text = corpus()
    remember(text, models(), folder, "train", on_notice=notices.append)
    assert text.states is None
    assert text.batch([0]).spelled is not None
    assert len(notices) == 1
    assert notices[0].endswith("anew in each epoch")


def test_without_words_there_is_nothing_to_do(tmp_path: Path) -> None:
    text = corpus([])
    remember(text, models(), tmp_path / "cache", "train", on_notice=print)
    assert text.states is None
    assert np.array_equal(text.words, [])
