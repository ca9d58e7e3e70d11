"""Words as numbers: vocabulary, form features, batches; no torch."""
