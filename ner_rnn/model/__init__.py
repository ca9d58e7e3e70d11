"""Settings, and a model on disk; no torch."""
