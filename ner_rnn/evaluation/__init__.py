"""Measurements -> reports: tables, plots and pages that people decide by."""
