"""Comparing networks, and what they remember; nothing that a tagger needs."""
