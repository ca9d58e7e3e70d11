"""Choose how a bundle's network runs: by onnxruntime and NumPy if it can, else by torch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol, get_args

from ner_rnn.encoding.passages import Segmentation
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.errors import BundleError, ConfigError
from ner_rnn.extras import missing, require
from ner_rnn.model.contents import model_config, temperature
from ner_rnn.runtime.decode import ScoredSpan
from ner_rnn.runtime.export import export_encoder, obstacle
from ner_rnn.runtime.torch_network import load_torch_network
from ner_rnn.text.tokenize import TokenUnit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ner_rnn.model.bundle import Bundle
    from ner_rnn.runtime.contextual import ContextNetwork

__all__ = ["Device", "Network", "Precision", "fast_path", "load_network", "uses_gpu"]

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["fp32", "int8"]


class Network(Protocol):
    """Finds person names in sentences.

    Attributes:
        unit: tokens that text must be divided into.
    """

    unit: TokenUnit

    def find(
        self,
        sentences: Sequence[Sequence[str]],
        segmentation: Segmentation,
        *,
        min_score: float = 0.0,
        overlapping: bool = False,
        entropies: NDArray[np.float64] | None = None,
    ) -> list[ScoredSpan]:
        """Return spans of all sentences, words counted over all of them, in order.

        ``min_score``, ``overlapping`` and ``entropies``, to be filled, are those of
        ``Decoder.scored_spans``.
        """
        ...


def load_network(
    bundle: Bundle,
    *,
    device: Device = "auto",
    precision: Precision = "fp32",
    room: int | None = None,
) -> Network:
    """Return the network of a bundle, ready to run.

    Args:
        bundle: as ``model/loader.py`` read it from disk.
        device: auto takes a GPU where torch has one.
        precision: bits of the recurrent weights on a CPU.
        room: distinct words that are cached on a CPU; default: ``word_tables.ROOM``.

    Raises:
        BundleError: a graph of the bundle cannot be run.
        ConfigError: there is no such device, or the network cannot run in that precision.
        ExtraError: the network or the device takes torch, which is not installed.
    """
    model = model_config(bundle)
    if uses_gpu(device):
        if precision != "fp32":
            raise ConfigError(f"precision {precision} is for a CPU: leave it out, or the device")
        return load_torch_network(bundle, "cuda")
    reason = obstacle(model)
    if reason is not None:
        if precision != "fp32":
            raise ConfigError(f"{bundle.path} cannot be run in {precision}: {reason}")
        require(f"{bundle.path} ({reason})", "torch")
        return load_torch_network(bundle, "cpu")
    from ner_rnn.runtime.network import FastNetwork
    from ner_rnn.runtime.word_tables import ROOM

    vocabulary = Vocabulary.from_json(bundle.vocabulary)
    encoder = None
    if model.cell != "none":
        encoder = bundle.encoders.get(precision)
        if encoder is None and precision != "fp32":
            raise ConfigError(f"{bundle.path} holds no {precision} weights: use fp32")
        if encoder is None:
            require(f"{bundle.path}, a model of an older version,", "onnx")
            encoder = export_encoder(model, bundle.weights)
    try:
        return FastNetwork(
            model,
            vocabulary,
            bundle.weights,
            encoder,
            _context_network(bundle, vocabulary, precision),
            temperature=temperature(bundle),
            room=room or ROOM,
        )
    except BundleError as error:
        raise BundleError(error.what, where=f"{bundle.path}: {error.where}", do=error.do) from None


def _context_network(
    bundle: Bundle, vocabulary: Vocabulary, precision: Precision
) -> ContextNetwork | None:
    """Return the language models that the tagger reads with, or None."""
    if not vocabulary.context:
        return None
    from ner_rnn.runtime.contextual import ContextNetwork

    graphs = {}
    for direction in vocabulary.context.settings:
        # a ReLU network has no weights in 8 bits and runs in 32
        names = (f"{direction}.{precision}", f"{direction}.fp32")
        held = next((bundle.encoders[name] for name in names if name in bundle.encoders), None)
        if held is None:
            raise BundleError("missing", where=f"{direction}.onnx", do="copy the model again")
        graphs[direction] = held
    return ContextNetwork(vocabulary.context, bundle.weights, graphs)


def fast_path(bundle: Bundle) -> str:
    """Describe how a CPU runs the network, and why if not by onnxruntime."""
    model = model_config(bundle)
    reason = obstacle(model)
    if reason is not None:
        return f"torch: {reason}"
    if model.cell == "none":
        return "NumPy: words never meet in this network"
    held = [precision for precision in get_args(Precision) if precision in bundle.encoders]
    precisions = " or ".join(held) or "fp32, exported on loading"
    return f"onnxruntime, {precisions}"


def uses_gpu(device: Device) -> bool:
    """Return whether to use a GPU; torch, slow to import, is imported only if there may be one."""
    if device == "cpu":
        return False
    may_be_one = any(map(os.path.exists, ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")))
    if device == "auto" and (not may_be_one or missing("torch")):
        return False
    require("device cuda", "torch")
    import torch

    if torch.cuda.is_available():
        return True
    if device == "cuda":
        raise ConfigError("there is no GPU that torch can use", do="set {device} to cpu")
    return False
