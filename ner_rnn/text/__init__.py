"""What a word, a tag and a text file are; no torch."""
