"""Every network once more, in torch, to compare the NumPy reference with.

Torch's own layers where torch has them, the layers of ``ner_rnn.nn``, and for the rest the same
equations in another form (dense, masked, concatenated), with gradients by autograd. Nothing here
shares a line with the reference, and nothing else uses it.

Leaves are the arrays of the reference as tensors with gradients, under the same names: the
parameters, ``x`` and the initial states. Each rival returns the textbook's layout, ``(n, m, T_x)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from ner_rnn.nn.recurrent import Recurrent
from ner_rnn.nn.reservoir import Reservoir
from ner_rnn.studies.equations import GRU, LSTM, Clockwork, Elman, Stacked, parameters
from ner_rnn.studies.equations.network import Recurrence

__all__ = [
    "Leaves",
    "Rival",
    "directions_of",
    "layer_of",
    "own_encoder",
    "own_layers",
    "own_reservoir",
    "written_clockwork",
    "written_echo_state",
    "written_gru",
    "written_jordan",
    "written_output",
]

Leaves = dict[str, Tensor]
Rival = Callable[[Leaves], Tensor]


def directions_of(stack: Stacked) -> Iterator[tuple[int, int, str, Recurrence]]:
    """Yield layer, direction, prefix of the leaves and network, layer by layer."""
    for depth, layer in enumerate(stack.layers):
        for direction, (name, network) in enumerate(vars(layer).items()):
            yield depth, direction, f"layers.{depth}.{name}.", network


def _weights(network: Recurrence, prefix: str, leaves: Leaves) -> dict[str, Tensor]:
    """Return the weights of one direction of one layer under the names of a layer in torch."""
    p = {name.removeprefix(prefix): leaf for name, leaf in leaves.items()}
    if isinstance(network, Clockwork):
        blocks = {f"weight_hh.{i}": p[f"W_aa.{i}"] for i in range(len(network.W_aa))}
        return {"weight_ih": p["W_ax"], "bias": p["b_a"][:, 0], **blocks}
    if isinstance(network, LSTM):
        n_a = len(p["b_c"])
        joint = torch.cat([p["W_u"], p["W_f"], p["W_c"], p["W_o"]])  # torch's order: i, f, g, o
        ih, hh = joint[:, n_a:], joint[:, :n_a]
        bias = torch.cat([p["b_u"], p["b_f"], p["b_c"], p["b_o"]])[:, 0]
    elif isinstance(network, GRU):
        ih = torch.cat([p["W_rx"], p["W_zx"], p["W_cx"]])
        hh = torch.cat([p["W_ra"], p["W_za"], p["W_ca"]])
        bias = torch.cat([p["b_r"], p["b_z"], p["b_c"]])[:, 0]
    else:
        ih, hh, bias = p["W_ax"], p["W_aa"], p["b_a"][:, 0]
    # torch adds two biases where the textbook has one: share it out, so that both are exercised
    share = torch.linspace(-1.0, 1.0, len(bias), dtype=bias.dtype)
    taken = share
    if isinstance(network, GRU):
        # those of the candidate are two in the textbook as well, one of them inside the gate
        n_a = len(p["b_c"])
        share = torch.cat([share[: 2 * n_a], p["b_ca"][:, 0]])
        taken = torch.cat([share[: 2 * n_a], torch.zeros(n_a, dtype=bias.dtype)])
    return {"weight_ih_l0": ih, "weight_hh_l0": hh, "bias_ih_l0": bias - taken, "bias_hh_l0": share}


def _states(
    encoder: nn.Module, named: Mapping[str, Tensor], x: Tensor, lengths: Sequence[int]
) -> Tensor:
    """Return the states (n, m, T_x) of an encoder of ``ner_rnn.nn`` that reads x (n_x, m, T_x)."""
    inputs = x.permute(1, 2, 0), torch.tensor(lengths)  # (batch, time, input)
    y, _ = functional_call(encoder, dict(named), inputs)
    states: Tensor = y.permute(2, 0, 1)
    return states


def layer_of(stack: Stacked) -> type[nn.RNNBase]:
    """Return the class in torch.nn of the cells of a stack."""
    kinds: dict[type, type[nn.RNNBase]] = {Elman: nn.RNN, GRU: nn.GRU, LSTM: nn.LSTM}
    return kinds[type(next(directions_of(stack))[3])]


def own_layers(stack: Stacked, lengths: Sequence[int]) -> Rival:
    """torch.nn.RNN, GRU or LSTM over packed sequences, from given initial states."""
    directions = list(directions_of(stack))
    network = directions[0][3]
    kind: Any = layer_of(stack)
    options = {"nonlinearity": network.f} if isinstance(network, Elman) else {}

    def run(leaves: Leaves) -> Tensor:
        named = {
            name[:-1] + f"{depth}{'_reverse' * direction}": weight
            for depth, direction, part, cell in directions
            for name, weight in _weights(cell, part, leaves).items()
        }
        layer = kind(
            len(leaves["x"]), named["weight_hh_l0"].shape[1], len(stack.layers),
            bidirectional=len(directions) > len(stack.layers), dtype=torch.float64, **options,
        )  # fmt: skip
        # each (layers * directions, m, n_a)
        initial = [
            torch.stack([leaves[f"{part}{name}0"].T for _, _, part, _ in directions])
            for name in network.carries
        ]
        packed = pack_padded_sequence(
            leaves["x"].permute(2, 1, 0), torch.tensor(lengths), enforce_sorted=False
        )
        state = tuple(initial) if initial[1:] else initial[0]
        y, _ = functional_call(layer, named, (packed, state))
        padded, _ = pad_packed_sequence(y, total_length=leaves["x"].shape[2])
        return padded.permute(2, 1, 0)  # (T_x, m, n) -> (n, m, T_x)

    return run


def own_encoder(stack: Stacked, lengths: Sequence[int]) -> Rival:
    """``ner_rnn.nn.recurrent.Recurrent``, from zeros."""
    directions = list(directions_of(stack))
    network = directions[0][3]

    def run(leaves: Leaves) -> Tensor:
        named = {
            f"layers.{depth}.{direction}.{name}": weight
            for depth, direction, part, cell in directions
            for name, weight in _weights(cell, part, leaves).items()
        }
        sizes = len(leaves["x"]), len(next(iter(parameters(network).values())))
        options: Any = {
            "layers": len(stack.layers),
            "bidirectional": len(directions) > len(stack.layers),
        }
        if isinstance(network, Clockwork):
            options |= {"periods": network.periods, "nonlinearity": network.f}
            encoder = Recurrent("clockwork", *sizes, **options)
        elif isinstance(network, Elman):
            encoder = Recurrent("rnn", *sizes, nonlinearity=network.f, **options)
        else:
            encoder = Recurrent("gru" if isinstance(network, GRU) else "lstm", *sizes, **options)
        return _states(encoder.double(), named, leaves["x"], lengths)

    return run


def own_reservoir(encoder: Reservoir, lengths: Sequence[int]) -> Rival:
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


def written_jordan(decay: float) -> Rival:
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


def written_clockwork(periods: Sequence[int]) -> Rival:
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


def written_echo_state(leak: float) -> Rival:
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


def written_output(g: Callable[[Tensor], Tensor]) -> Rival:
    """The output layer by a function of torch over the classes, the first axis."""
    return lambda p: g(torch.einsum("ya,amt->ymt", p["W_ya"], p["a"]) + p["b_y"][:, :, None])
