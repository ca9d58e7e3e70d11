"""The recurrent layers against torch's own, stacked, on packed sequences, in double precision."""

from __future__ import annotations

from typing import Literal

import pytest
import torch
from torch import Tensor, nn

from ner_rnn.nn.encoder import padding_mask
from ner_rnn.nn.recurrent import Recurrent

Kind = tuple[Literal["rnn", "gru", "lstm"], Literal["tanh", "relu"]]

KINDS: list[Kind] = [("rnn", "tanh"), ("rnn", "relu"), ("gru", "tanh"), ("lstm", "tanh")]
INPUT, HIDDEN = 3, 4


def make(kind: Kind, layers: int = 1, *, bidirectional: bool = True, seed: int = 0) -> Recurrent:
    torch.manual_seed(seed)
    cell, nonlinearity = kind
    model = Recurrent(
        cell,
        INPUT,
        HIDDEN,
        layers=layers,
        bidirectional=bidirectional,
        nonlinearity=nonlinearity,
    ).double()
    for parameter in model.parameters():  # the biases too, which are zero at the start
        nn.init.normal_(parameter, std=0.5)
    return model


def oracle_of(kind: Kind, model: Recurrent, layers: int, *, bidirectional: bool) -> nn.RNNBase:
    """The stack of torch itself, with the same weights."""
    cell, nonlinearity = kind
    options = {"nonlinearity": nonlinearity} if cell == "rnn" else {}
    oracle: nn.RNNBase = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[cell](
        INPUT,
        HIDDEN,
        num_layers=layers,
        bidirectional=bidirectional,
        batch_first=True,
        dtype=torch.float64,
        **options,
    )
    # both hold layer by layer, forward before backward: weight_ih, weight_hh, bias_ih, bias_hh
    for target, source in zip(oracle.parameters(), model.parameters(), strict=True):
        target.data.copy_(source.data)
    return oracle


def packed(oracle: nn.RNNBase, x: Tensor, lengths: Tensor) -> Tensor:
    rows = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    y, _ = oracle(rows)
    padded: Tensor = nn.utils.rnn.pad_packed_sequence(y, True, total_length=x.shape[1])[0]
    return padded


def draw(lengths: list[int], *, time: int = 0, seed: int = 1) -> tuple[Tensor, Tensor]:
    """Sentences with large numbers in the padding, up to ``time`` or the longest."""
    generator = torch.Generator().manual_seed(seed)
    shape = len(lengths), max(time, *lengths), INPUT
    x = torch.randn(shape, generator=generator, dtype=torch.float64)
    sizes = torch.tensor(lengths)
    return torch.where(padding_mask(sizes, shape[1])[..., None], x, x * 100), sizes


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_parity_with_torch(kind: Kind, layers: int, bidirectional: bool) -> None:
    model = make(kind, layers, bidirectional=bidirectional)
    oracle = oracle_of(kind, model, layers, bidirectional=bidirectional)
    x, lengths = draw([4, 7, 1, 7, 2], time=9)
    x.requires_grad_()
    (y, _), expected = model(x, lengths), packed(oracle, x, lengths)
    assert y.shape == (5, 9, model.output_size)
    torch.testing.assert_close(y, expected, rtol=1e-12, atol=1e-12)

    weights = torch.randn_like(y)
    found = torch.autograd.grad((y * weights).sum(), [x, *model.parameters()])
    wanted = torch.autograd.grad((expected * weights).sum(), [x, *oracle.parameters()])
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


def test_a_fresh_lstm_remembers() -> None:
    """The forget bias starts at 1; gates stand in the order input, forget, cell, output."""
    model = Recurrent("lstm", INPUT, HIDDEN, bidirectional=False)
    biases = sum(p for name, p in model.named_parameters() if "bias" in name)
    assert isinstance(biases, Tensor)
    assert biases.tolist() == [0] * HIDDEN + [1] * HIDDEN + [0] * (2 * HIDDEN)
