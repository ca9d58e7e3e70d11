"""Networks as torch modules, one file a cell."""

from ner_rnn.extras import require

require("ner_rnn.nn", "torch")
