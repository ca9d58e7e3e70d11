"""Distillation: models read unlabelled text, and another one learns what they found."""
