"""The tagger inside other libraries; each library is imported in a file of its own."""
