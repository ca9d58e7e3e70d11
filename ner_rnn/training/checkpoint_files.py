"""Checkpoints on disk, each written whole or not at all.

Lightning writes a checkpoint to the system's folder for temporary files and moves it from there.
Where that is another disk the move is a copy, and a kill or a full disk in the middle of it leaves
half a checkpoint in place of the last whole one.
"""

from __future__ import annotations

import io
import os
from typing import Any

import torch
from pytorch_lightning.plugins import TorchCheckpointIO

from ner_rnn.text.writing import replacing
from ner_rnn.text.writing_folders import make_folder

__all__ = ["WholeCheckpoints"]


class WholeCheckpoints(TorchCheckpointIO):
    """Lightning's reader and writer of checkpoints, writing by ``text/writing.py``."""

    def save_checkpoint(
        self,
        checkpoint: dict[str, Any],
        path: str | os.PathLike[str],
        storage_options: Any | None = None,
    ) -> None:
        """Write a checkpoint beside its place, then move it there.

        Raises:
            FileError: it cannot be written, or the disk is full.
        """
        content = io.BytesIO()  # torch turns an OSError of a file into an error of its own
        torch.save(checkpoint, content)
        make_folder(os.path.dirname(path))
        with replacing(path) as file:
            file.write(content.getbuffer())
