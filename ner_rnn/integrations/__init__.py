"""The tagger inside other libraries, one file each; a library is imported in its own file alone."""
