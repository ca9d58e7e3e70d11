"""Sessions of onnxruntime, set up as the tagger uses them."""

from __future__ import annotations

from typing import Any

__all__ = ["open_session"]


def open_session(graph: bytes) -> Any:
    """Open a session on one thread: it is batches that are distributed over threads."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
