"""Every network once more, in torch, to compare the NumPy reference with.

Torch's own layers where torch has them, the layers of ``ner_rnn.nn``, and for the rest the same
equations written another way (dense, masked, concatenated), with gradients by autograd. Nothing
here shares a line with the reference, and nothing else uses it.

Leaves are the arrays of the reference as tensors that ask for gradients, under the same names:
the parameters, ``x`` and the initial states. Each rival answers in the textbook's layout,
``(n, m, T_x)``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from ner_rnn.nn.clockwork import Clockwork
from ner_rnn.nn.recurrent import Recurrent
from ner_rnn.nn.reservoir import Reservoir

__all__ = [
    "Leaves",
    "own_clockwork",
    "own_layers",
    "own_recurrent",
    "own_reservoir",
    "written_clockwork",
    "written_echo_state",
    "written_gru",
    "written_jordan",
    "written_sigmoid",
    "written_softmax",
]

Leaves = dict[str, Tensor]
Cell = Literal["tanh", "relu", "gru", "lstm"]


def _weights(leaves: Leaves, part: str, cell: Cell) -> list[Tensor]:
    """One direction of one layer in torch's terms: weight_ih, weight_hh, bias_ih, bias_hh."""
    p = {name[len(part) :]: leaf for name, leaf in leaves.items() if name.startswith(part)}
    if cell == "lstm":
        n_a = len(p["b_c"])
        joint = torch.cat([p["W_u"], p["W_f"], p["W_c"], p["W_o"]])  # torch's order: i, f, g, o
        ih, hh = joint[:, n_a:], joint[:, :n_a]
        bias = torch.cat([p["b_u"], p["b_f"], p["b_c"], p["b_o"]])[:, 0]
    elif cell == "gru":
        ih = torch.cat([p["W_rx"], p["W_zx"], p["W_cx"]])
        hh = torch.cat([p["W_ra"], p["W_za"], p["W_ca"]])
        bias = torch.cat([p["b_r"], p["b_z"], p["b_c"]])[:, 0]
    else:
        ih, hh, bias = p["W_ax"], p["W_aa"], p["b_a"][:, 0]
    # torch adds two biases where the textbook has one: share it out, so that both are exercised
    share = torch.linspace(-1.0, 1.0, len(bias), dtype=bias.dtype)
    if cell == "gru":
        # those of the candidate are two in the textbook as well, one of them inside the gate
        n_a = len(p["b_c"])
        share = torch.cat([share[: 2 * n_a], p["b_ca"][:, 0]])
        taken = torch.cat([share[: 2 * n_a], torch.zeros(n_a, dtype=bias.dtype)])
        return [ih, hh, bias - taken, share]
    return [ih, hh, bias - share, share]


def _directions(layers: int, bidirectional: bool) -> list[tuple[int, int, str]]:
    """Return layer, direction and prefix of the leaves, for each direction of each layer."""
    names = ("forwards", "backwards") if bidirectional else ("forwards",)
    return [
        (layer, direction, f"layers.{layer}.{name}.")
        for layer in range(layers)
        for direction, name in enumerate(names)
    ]


def _named(leaves: Leaves, cell: Cell, directions: Mapping[str, str]) -> dict[str, Tensor]:
    """Return weights under torch's names: each name is a template, by the prefix of its leaves."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return {
        template.format(name): weight
        for part, template in directions.items()
        for name, weight in zip(names, _weights(leaves, part, cell), strict=True)
    }


def _states(
    encoder: nn.Module, named: Mapping[str, Tensor], x: Tensor, lengths: Sequence[int]
) -> Tensor:
    """Return the states (n, m, T_x) of an encoder of ``ner_rnn.nn`` that reads x (n_x, m, T_x)."""
    inputs = x.permute(1, 2, 0), torch.tensor(lengths)  # (batch, time, input)
    y, _ = functional_call(encoder, dict(named), inputs)
    states: Tensor = y.permute(2, 0, 1)
    return states


def own_layers(
    cell: Cell, layers: int, bidirectional: bool, lengths: Sequence[int]
) -> Callable[[Leaves], Tensor]:
    """torch.nn.RNN, GRU or LSTM over packed sequences, from given initial states."""
    suffixes = ("", "_reverse")
    directions = {
        part: f"{{}}_l{layer}{suffixes[direction]}"
        for layer, direction, part in _directions(layers, bidirectional)
    }

    def run(leaves: Leaves) -> Tensor:
        named = _named(leaves, cell, directions)
        n_x, n_a = leaves["x"].shape[0], named["weight_hh_l0"].shape[1]
        options = {"num_layers": layers, "bidirectional": bidirectional, "dtype": torch.float64}
        layer: nn.RNNBase
        if cell == "lstm":
            layer = nn.LSTM(n_x, n_a, **options)
        elif cell == "gru":
            layer = nn.GRU(n_x, n_a, **options)
        else:
            layer = nn.RNN(n_x, n_a, nonlinearity=cell, **options)
        # (layers * directions, m, n_a)
        h0 = torch.stack([leaves[f"{part}a0"].T for part in directions])
        state = h0
        if cell == "lstm":
            state = (h0, torch.stack([leaves[f"{part}c0"].T for part in directions]))  # type: ignore[assignment]
        packed = pack_padded_sequence(
            leaves["x"].permute(2, 1, 0), torch.tensor(lengths), enforce_sorted=False
        )
        y, _ = functional_call(layer, named, (packed, state))
        padded, _ = pad_packed_sequence(y, total_length=leaves["x"].shape[2])
        return padded.permute(2, 1, 0)  # (T_x, m, n) -> (n, m, T_x)

    return run


def own_recurrent(
    cell: Cell, layers: int, bidirectional: bool, lengths: Sequence[int]
) -> Callable[[Leaves], Tensor]:
    """``ner_rnn.nn.recurrent.Recurrent``, from zeros."""
    directions = {
        part: f"layers.{layer}.{direction}.{{}}_l0"
        for layer, direction, part in _directions(layers, bidirectional)
    }

    def run(leaves: Leaves) -> Tensor:
        named = _named(leaves, cell, directions)
        encoder = Recurrent(
            cell if cell in {"gru", "lstm"} else "rnn",
            leaves["x"].shape[0],
            named["layers.0.0.weight_hh_l0"].shape[1],
            layers=layers,
            bidirectional=bidirectional,
            nonlinearity="relu" if cell == "relu" else "tanh",
        ).double()
        return _states(encoder, named, leaves["x"], lengths)

    return run


def own_clockwork(
    periods: Sequence[int],
    layers: int,
    bidirectional: bool,
    lengths: Sequence[int],
    nonlinearity: Literal["tanh", "relu"],
) -> Callable[[Leaves], Tensor]:
    """``ner_rnn.nn.clockwork.Clockwork``, from zeros."""

    def run(leaves: Leaves) -> Tensor:
        named: dict[str, Tensor] = {}
        for layer, direction, part in _directions(layers, bidirectional):
            here = f"layers.{layer}.{direction}."
            named[here + "weight_ih"] = leaves[part + "W_ax"]
            named[here + "bias"] = leaves[part + "b_a"][:, 0]
            for i in range(len(periods)):
                named[f"{here}weight_hh.{i}"] = leaves[f"{part}W_aa.{i}"]
        encoder = Clockwork(
            leaves["x"].shape[0],
            len(named["layers.0.0.bias"]),
            periods,
            layers=layers,
            bidirectional=bidirectional,
            nonlinearity=nonlinearity,
        ).double()
        return _states(encoder, named, leaves["x"], lengths)

    return run


def own_reservoir(encoder: Reservoir, lengths: Sequence[int]) -> Callable[[Leaves], Tensor]:
    """``ner_rnn.nn.reservoir.Reservoir`` with weights of its own: of the leaves it reads x."""
    return lambda leaves: _states(encoder, {}, leaves["x"], lengths)


def written_gru(p: Leaves) -> Tensor:
    """The GRU with the reset gate before the product, as textbooks write it: G_u = 1 - G_z."""
    joint = [torch.cat([p[f"W_{gate}a"], p[f"W_{gate}x"]], 1) for gate in "rzc"]
    W_r, W_u, W_c = joint[0], -joint[1], joint[2]
    a, states = p["a0"], []
    for x_t in p["x"].unbind(2):
        both = torch.cat([a, x_t])
        G_r = torch.sigmoid(W_r @ both + p["b_r"])
        G_u = torch.sigmoid(W_u @ both - p["b_z"])
        candidate = torch.tanh(W_c @ torch.cat([G_r * a, x_t]) + p["b_c"])
        a = G_u * candidate + (1 - G_u) * a
        states.append(a)
    return torch.stack(states, 2)


def written_jordan(decay: float) -> Callable[[Leaves], Tensor]:
    """Jordan's network with a softmax output, the context summed from all outputs so far."""

    def run(p: Leaves) -> Tensor:
        outputs: list[Tensor] = []
        for t, x_t in enumerate(p["x"].unbind(2)):
            context = decay**t * p["s0"]
            for k, y_k in enumerate(outputs):
                context = context + decay ** (t - 1 - k) * y_k
            hidden = torch.tanh(torch.addmm(p["b_a"], p["W_ax"], x_t) + p["W_as"] @ context)
            outputs.append(torch.softmax(p["output.W_ya"] @ hidden + p["output.b_y"], 0))
        return torch.stack(outputs, 2)

    return run


def written_clockwork(periods: Sequence[int]) -> Callable[[Leaves], Tensor]:
    """The clockwork RNN with one dense matrix: everything is computed, then masked by the clock."""

    def run(p: Leaves) -> Tensor:
        blocks = [p[f"W_aa.{i}"] for i in range(len(periods))]
        n_a = len(p["b_a"])
        W_aa = torch.cat([nn.functional.pad(b, (n_a - b.shape[1], 0)) for b in blocks])
        clock = torch.tensor(periods).repeat_interleave(n_a // len(periods))[:, None]
        a, states = p["a0"], []
        for t, x_t in enumerate(p["x"].unbind(2)):
            new = torch.tanh(W_aa @ a + p["W_ax"] @ x_t + p["b_a"])
            a = torch.where(t % clock == 0, new, a)
            states.append(a)
        return torch.stack(states, 2)

    return run


def written_echo_state(leak: float) -> Callable[[Leaves], Tensor]:
    """The reservoir as one dense product over [x_t; a_(t-1); y_(t-1); 1]."""

    def run(p: Leaves) -> Tensor:
        W = torch.cat([p["W_in"], p["W"], p["W_back"], p["b"]], 1)
        fed_back = nn.functional.pad(p["y"], (1, 0))  # y_(t-1) at step t, zeros first
        a, states = p["a0"], []
        for t, x_t in enumerate(p["x"].unbind(2)):
            one = torch.ones_like(x_t[:1])
            a = a.lerp(torch.tanh(W @ torch.cat([x_t, a, fed_back[:, :, t], one])), leak)
            states.append(a)
        return torch.stack(states, 2)

    return run


def written_softmax(p: Leaves) -> Tensor:
    """The output layer by torch.softmax."""
    return torch.softmax(_scores(p), 0)


def written_sigmoid(p: Leaves) -> Tensor:
    """The output layer by torch.sigmoid."""
    return torch.sigmoid(_scores(p))


def _scores(p: Leaves) -> Tensor:
    return torch.einsum("ya,amt->ymt", p["W_ya"], p["a"]) + p["b_y"][:, :, None]
