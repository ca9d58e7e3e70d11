"""Suggestions for annotation tools: their import formats, and what to annotate first."""
