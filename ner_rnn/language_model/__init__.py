"""Language models: networks that predict the next symbol, to sample from and to score with."""

from ner_rnn.extras import require

require("ner_rnn.language_model", "torch")
