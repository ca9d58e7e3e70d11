"""Sessions of onnxruntime, set up as the tagger uses them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from ner_rnn.errors import BundleError, shortened
from ner_rnn.runtime.cells import padding_row

if TYPE_CHECKING:
    from ner_rnn.model.settings import EncoderConfig

__all__ = ["open_session"]


def open_session(graph: bytes, model: EncoderConfig) -> Any:
    """Open a session on one thread: it is batches that are distributed over threads.

    Args:
        graph: content of an ONNX file of a bundle.
        model: settings of the layers in it.

    Raises:
        BundleError: onnxruntime cannot run it, or it is not the graph of these layers.
    """
    # newer versions report their use over the network, from a thread and a database of their own
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what fails is said by the error
    # the key of weights in another file, of which there are none
    if b"location" in graph:
        raise _refusal("it names other files")
    directions = range(2 if model.bidirectional else 1)
    padding = padding_row(model)
    index = np.zeros((1, 1), dtype=np.int64)
    given = {"index": index, **{f"table{i}": padding[None] for i in directions}}
    if model.cell == "clockwork":
        given |= {f"phase{i}": index for i in directions}
    try:
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        states = session.run([f"state{i}" for i in directions], given)
    except Exception as error:  # onnxruntime's own classes, which share no other base
        raise _refusal(shortened(str(error).strip(), 200)) from None
    if {(state.shape, state.dtype) for state in states} != {
        ((1, 1, model.hidden_size), np.dtype(np.float32))
    }:
        raise _refusal(f"its states are not {model.hidden_size} numbers wide")
    return session


def _refusal(reason: str) -> BundleError:
    return BundleError(
        f"not the graph of its recurrent layers ({reason})",
        where="an ONNX file",
        do="copy the model again, or train it again",
    )
