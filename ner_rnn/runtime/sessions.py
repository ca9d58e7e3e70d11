"""onnxruntime, set up as the tagger uses it."""

from __future__ import annotations

from typing import Any

__all__ = ["open_session"]


def open_session(graph: bytes) -> Any:
    """A session on one thread: batches are what is spread over threads."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
