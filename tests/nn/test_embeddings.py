"""Embeddings of a word: what they depend on, and what is dropped in training."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from ner_rnn.nn.dropout import LockedDropout
from ner_rnn.nn.embeddings import FormEmbedding, LetterCNN, LetterLSTM, WordEmbedding

WORDS = st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=7), min_size=1, max_size=5)


def letter_network(kind: str) -> LetterCNN | LetterLSTM:
    torch.manual_seed(1)
    made = LetterCNN(10, 3, 4) if kind == "cnn" else LetterLSTM(10, 3, 2)
    return made.double()


def padded(words: list[list[int]], width: int) -> Tensor:
    return torch.tensor([word + [0] * (width - len(word)) for word in words])


@pytest.mark.parametrize("kind", ["cnn", "lstm"])
@given(WORDS, st.integers(0, 5))
def test_letter_padding_and_neighbours_change_nothing(
    kind: str, words: list[list[int]], more: int
) -> None:
    network = letter_network(kind)
    together = network(padded(words, max(map(len, words)) + more))
    assert together.shape == (len(words), network.output_size)
    for word, answer in zip(words, together, strict=True):
        torch.testing.assert_close(network(padded([word], len(word)))[0], answer)


@given(WORDS)
def test_the_cnn_is_the_strongest_answer_over_all_windows(words: list[list[int]]) -> None:
    network = letter_network("cnn")
    assert isinstance(network, LetterCNN)
    bias, weight = network.filters.bias, network.filters.weight.view(4, 3, 3)
    for word, answer in zip(words, network(padded(words, 7)), strict=True):
        around = [0, *word, 0]
        windows = []
        for i in range(len(word)):
            vectors = network.vectors.weight[around[i : i + 3]]  # (width, size)
            total = bias + torch.einsum("fsw,ws->f", weight, vectors)
            windows.append(torch.relu(total))
        torch.testing.assert_close(answer, torch.stack(windows).amax(0))


def test_the_letter_lstm_reads_both_ways() -> None:
    network = letter_network("lstm")
    assert isinstance(network, LetterLSTM)
    word = torch.tensor([[3, 1, 4, 1, 5]])
    ahead = network.forwards(network.vectors(word))[0][0, -1]
    back = network.backwards(network.vectors(word.flip(1)))[0][0, -1]
    torch.testing.assert_close(network(word)[0], torch.cat([ahead, back]))


def test_forms_join_letters_and_features_or_do_without() -> None:
    letters, features = torch.tensor([[1, 2], [3, 0]]), torch.tensor([[2, 5], [3, 6]])
    torch.manual_seed(1)
    both = FormEmbedding(LetterCNN(5, 3, 4), features=7, feature_count=2, feature_size=3)
    assert both.output_size == 10
    answer = both(letters, features)
    assert answer.shape == (2, 10)
    assert both.letters is not None
    assert both.features is not None
    torch.testing.assert_close(answer[:, :4], both.letters(letters))
    torch.testing.assert_close(answer[1, 4:7], both.features.weight[3])
    none = FormEmbedding(None, features=7, feature_count=2, feature_size=0)
    assert none.output_size == 0
    assert none(letters, features).shape == (2, 0)


def test_rare_words_are_forgotten_in_training_alone_and_by_the_formula() -> None:
    torch.manual_seed(1)
    counts = torch.tensor([1, 1, 1, 3, 1_000_000])
    embedding = WordEmbedding(5, 2, counts=counts, rate=0.5)
    unknown = embedding.vectors.weight[1]
    draws = 4000
    for word, count in ((2, 1), (3, 3), (4, 1_000_000)):
        places = torch.full((draws, 1), word)
        forgotten = (embedding.train()(places)[:, 0] == unknown).all(1).float().mean().item()
        expected = 0.5 / (0.5 + count)
        spread = (expected * (1 - expected) / draws) ** 0.5
        assert abs(forgotten - expected) < 5 * spread + 1e-3
        kept = embedding.eval()(places)[:, 0]
        assert torch.equal(kept, embedding.vectors.weight[word].expand(draws, 2))
    embedding.train()
    assert not embedding(torch.zeros(draws, 1, dtype=torch.long)).any(), "padding stays padding"


def test_no_word_is_forgotten_at_rate_zero() -> None:
    torch.manual_seed(1)
    embedding = WordEmbedding(5, 2, counts=torch.ones(5), rate=0.0).train()
    places = torch.full((500, 1), 2)
    assert torch.equal(embedding(places)[:, 0], embedding.vectors.weight[2].expand(500, 2))


def test_pretrained_vectors_replace_the_rows_that_are_known() -> None:
    torch.manual_seed(1)
    embedding = WordEmbedding(5, 2, counts=torch.ones(5))
    before = embedding.vectors.weight.detach().clone()
    vectors = torch.arange(6, dtype=torch.float32).view(3, 2)
    embedding.start_from(vectors.numpy(), torch.tensor([True, False, True]).numpy())
    after = embedding.vectors.weight
    assert torch.equal(after[[2, 4]], vectors[[0, 2]])
    assert torch.equal(after[[0, 1, 3]], before[[0, 1, 3]])
    assert after.requires_grad


@given(st.floats(0.1, 0.8), st.integers(1, 5), st.integers(1, 6))
def test_locked_dropout_drops_a_feature_for_a_whole_sequence(
    share: float, batch: int, time: int
) -> None:
    torch.manual_seed(1)
    x = torch.ones(batch, time, 50)
    y = LockedDropout(share).train()(x)
    assert torch.equal(y, y[:, :1].expand_as(y)), "the same at every step"
    kept = y[y != 0]
    torch.testing.assert_close(kept, torch.full_like(kept, 1 / (1 - share)))
    assert torch.equal(LockedDropout(share).eval()(x), x)


def test_locked_dropout_drops_its_share_and_differs_between_sequences() -> None:
    torch.manual_seed(1)
    y = LockedDropout(0.3).train()(torch.ones(40, 3, 500))
    assert abs((y == 0).float().mean().item() - 0.3) < 0.02
    assert not torch.equal(y[0], y[1])
    x = torch.randn(2, 3, 4)
    assert LockedDropout(0.0).train()(x) is x
