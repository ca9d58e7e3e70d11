"""Words, tags and text files: tokenizer, tag schemes, columns, reading and writing; no torch."""
