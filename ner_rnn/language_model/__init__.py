"""Language models: networks that predict the next symbol, to sample from and to score with."""
