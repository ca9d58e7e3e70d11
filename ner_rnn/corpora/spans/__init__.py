"""Readers of spans: what annotation tools write, as sentences with tags."""
