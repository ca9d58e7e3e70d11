"""The recurrent layers of a trained tagger as an ONNX graph, ``encoder.onnx`` of a bundle.

What depends on a word's spelling alone, and with it the first layer's product W_ih x + b, is
computed once per distinct word and kept in tables (``word_tables.py``). The graph begins where
words meet: it takes rows of those tables and goes through the steps.

    index   (time, batch)        row of each word in the tables; 0 in the padding
    table0  (rows, gates)        W_ih x + b of the distinct words, for the forward direction
    table1  (rows, gates)        the same for the backward direction
    phase1  (time, batch)        clockwork alone: steps from the passage's end, modulo the periods
 -> state0  (time, batch, units) forward states of the last layer; anything in the padding
    state1  (time, batch, units) its backward states

Row 0 of a table holds, at every gate, what keeps a state of zeros at zero. So the backward
direction needs no reversing: it goes through the padding first and comes out as it went in.
A state is one matrix product a step; where weights are held in int8, as onnxruntime's
MatMulIntegerToFloat has it, with one scale a unit and states in steps of 1/127 (so not of a ReLU
network, whose states have no bound).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ner_rnn.model.contents import reader_name
from ner_rnn.model.language_model import reader_settings
from ner_rnn.runtime.cells import Weights, direction_weights, padding_row

if TYPE_CHECKING:
    from ner_rnn.encoding.characters import Context
    from ner_rnn.model.settings import EncoderConfig, ModelConfig
    from ner_rnn.runtime.graph import Graph

__all__ = ["export_encoder", "export_encoders", "obstacle", "reader_weights"]

Array = NDArray[np.float32]

OPSET = 18
IR_VERSION = 9
"""Read by every onnxruntime from 1.16 on."""
LONGEST_CYCLE = 10_000
"""Largest number of steps after which a clock repeats; the graph holds a row for each."""


def obstacle(model: ModelConfig) -> str | None:
    """Return why a network cannot be exported, in words; None: it can."""
    if model.cell == "reservoir":
        return "a reservoir's sparse product has no fast counterpart in onnxruntime"
    if model.cell == "clockwork" and math.lcm(*model.periods) > LONGEST_CYCLE:
        return f"the clock of periods {list(model.periods)} takes too long to come round"
    if model.cell == "none" and model.language_model:
        return "a feed-forward network is fast by its words alone, and these are read in context"
    return None


def reader_weights(weights: Mapping[str, Array], direction: str) -> dict[str, Array]:
    """Return the weights of a language model within a tagger, by their names in that model."""
    name = reader_name(direction)
    return {key.removeprefix(name): v for key, v in weights.items() if key.startswith(name)}


def export_encoders(
    model: ModelConfig, weights: Mapping[str, Array], context: Context | None = None
) -> dict[str, bytes]:
    """Return the ONNX files of a bundle; none for a network that cannot be exported.

    Args:
        model: the recipe.
        weights: of the bundle, by parameter name.
        context: the language models that it reads with, or None.

    Returns:
        By precision, ``fp32`` and ``int8``, the recurrent layers; as ``forward.fp32`` and so on
        those of the language models.
    """
    if obstacle(model) is not None or model.cell == "none":
        return {}
    networks: dict[str, tuple[EncoderConfig, Mapping[str, Array]]] = {"": (model, weights)}
    for direction, settings in reader_settings(context).items() if context else ():
        networks[f"{direction}."] = settings, reader_weights(weights, direction)
    encoders = {}
    for name, (network, own) in networks.items():
        encoders[f"{name}fp32"] = export_encoder(network, own)
        if not (network.cell in {"rnn", "clockwork"} and network.nonlinearity == "relu"):
            encoders[f"{name}int8"] = export_encoder(network, own, int8=True)
    return encoders


def export_encoder(
    model: EncoderConfig, weights: Mapping[str, Array], *, int8: bool = False
) -> bytes:
    """Return the recurrent layers, without :func:`obstacle`, as the content of an ONNX file.

    In int8, recurrent weights, and the states they are multiplied with, take 8 bits.
    """
    import onnx
    from onnx import helper

    from ner_rnn.runtime.graph import Graph

    directions = range(2 if model.bidirectional else 1)
    units, gates = model.hidden_size, len(padding_row(model))
    inputs = [_value("index", int, "time", "batch")]
    inputs += [_value(f"table{i}", float, "rows", gates) for i in directions]
    if model.cell == "clockwork":
        inputs += [_value(f"phase{i}", int, "time", "batch") for i in directions]
    graph = Graph()
    graph.constant("units", np.array([units], dtype=np.int64))
    graph.add("Shape", ["index"], ["shape"])
    bounds = [graph.constant(name, np.array([i])) for name, i in (("from", 1), ("to", 2))]
    graph.add("Slice", ["shape", *bounds], ["width"])
    graph.add("Concat", ["width", "units"], ["state_shape"], axis=0)
    graph.add("ConstantOfShape", ["state_shape"], ["zeros"])
    below: list[str] = []
    for layer in range(model.layers):
        last = layer == model.layers - 1
        states = [f"state{i}" if last else f"layer{layer}_{i}" for i in directions]
        for i in directions:
            own = direction_weights(model, weights, layer, i)
            _add_direction(graph, model, own, layer, i, below, states[i], int8=int8)
        below = states
    outputs = [_value(name, float, "time", "batch", units) for name in below]
    opsets = [helper.make_opsetid("", OPSET)]
    if int8:
        opsets.append(helper.make_opsetid("com.microsoft", 1))
    content = helper.make_model(
        graph.build("encoder", inputs, outputs), opset_imports=opsets, ir_version=IR_VERSION
    )
    onnx.checker.check_model(content)
    serialised: bytes = content.SerializeToString()
    return serialised


def _add_direction(
    graph: Graph,
    model: EncoderConfig,
    weights: Weights,
    layer: int,
    direction: int,
    below: Sequence[str],
    state: str,
    *,
    int8: bool,
) -> None:
    """Append a Scan over the steps; above the first layer its inputs are computed before."""
    from ner_rnn.runtime.graph import Step

    name = f"{layer}_{direction}_"
    scanned = ["index"] if layer == 0 else [f"{name}read"]
    if layer:
        _add_product(graph, name, below, weights, padding_row(model))
    step = Step(name, model, weights, int8=int8)
    if layer == 0:
        step.add("Gather", [f"table{direction}", "row"], ["given"], axis=0)
        arrives = [_value("row", int, "batch")]
    else:
        arrives = [_value("given", float, "batch", len(weights.bias))]
    if model.cell == "clockwork":
        scanned.append(f"phase{direction}")
        arrives.append(_value("now", int, "batch"))
    carried = step.add_cell()
    step.add("Identity", [carried[0][1]], ["output"])
    before, after = (
        [_value(names[i], float, "batch", model.hidden_size) for names in carried] for i in (0, 1)
    )
    output = _value("output", float, "batch", model.hidden_size)
    graph.add(
        "Scan",
        ["zeros"] * len(carried) + scanned,
        [*(f"{name}end{i}" for i in range(len(carried))), state],
        body=step.build(f"step{name}", [*before, *arrives], [*after, output]),
        num_scan_inputs=len(scanned),
        scan_input_directions=[direction] * len(scanned),
        scan_output_directions=[direction],
    )


def _add_product(
    graph: Graph, name: str, below: Sequence[str], weights: Weights, padding: Array
) -> None:
    """Append W_ih y + b of all steps at once, and in the padding what keeps zeros at zero."""
    joined = below[0]
    if len(below) > 1:
        joined = f"{name}joined"
        graph.add("Concat", list(below), [joined], axis=2)
    weight = graph.constant(f"{name}weight", np.ascontiguousarray(weights.input.T))
    bias = graph.constant(f"{name}bias", weights.bias)
    still = graph.constant(f"{name}still", padding)
    pad = graph.constant(f"{name}pad", np.array(0, dtype=np.int64))
    axis = graph.constant(f"{name}axis", np.array([2], dtype=np.int64))
    graph.add("MatMul", [joined, weight], [f"{name}product"])
    graph.add("Add", [f"{name}product", bias], [f"{name}sum"])
    graph.add("Equal", ["index", pad], [f"{name}padding"])
    graph.add("Unsqueeze", [f"{name}padding", axis], [f"{name}mask"])
    graph.add("Where", [f"{name}mask", still, f"{name}sum"], [f"{name}read"])


def _value(name: str, kind: type, *shape: str | int) -> Any:
    """Describe an input or output, of float32 or int64, as onnx has it."""
    from onnx import TensorProto, helper

    element = TensorProto.FLOAT if kind is float else TensorProto.INT64
    return helper.make_tensor_value_info(name, element, list(shape))
