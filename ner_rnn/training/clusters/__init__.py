"""Word classes learned from unlabelled text, as the Brown clusters that taggers read."""
