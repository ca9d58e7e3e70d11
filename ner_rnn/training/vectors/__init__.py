"""Word vectors learned from unlabelled text, as taggers start from."""
