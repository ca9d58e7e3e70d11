"""The folder of a report: its tables, plots, Markdown and page."""
