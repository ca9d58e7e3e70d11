"""Annotated text: the one door through which it comes in."""
