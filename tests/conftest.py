"""Settings for all tests: no network, no more threads than asked for."""

from __future__ import annotations

import os

# Read on import by huggingface_hub and datasets: a test that needs the network must fail at once.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
