"""Running a bundle: export, tables of words, decoding, the tagger; torch only where it must."""
