"""The textbook equations of every network, in plain NumPy: the oracle that ``nn/`` is held against.

Readable beside a book, float64, the equation above the line that computes it. Not fast, and never
used for training or tagging.

Layout, everywhere: inputs ``x (n_x, m, T_x)``, hidden states ``a (n_a, m, T_x)``, predictions
``y (n_y, m, T_x)``; m examples, T_x time steps, biases as columns ``(n, 1)``. States before the
first step are zeros unless given.

Every network is a frozen dataclass of its parameters with the same methods:

    cell_forward    one time step
    forward         all time steps -> (states, caches)
    backward        through time, from the gradient of the states and the caches ->
                    {"x": ..., "a0": ..., and each parameter by its own name}
"""

from ner_rnn.studies.equations.clockwork import Clockwork
from ner_rnn.studies.equations.compose import Bidirectional, Stacked, Unidirectional
from ner_rnn.studies.equations.echo_state import EchoState
from ner_rnn.studies.equations.elman import Elman, Jordan
from ner_rnn.studies.equations.gru import GRU
from ner_rnn.studies.equations.lstm import LSTM
from ner_rnn.studies.equations.network import parameters
from ner_rnn.studies.equations.output import Output

__all__ = [
    "GRU",
    "LSTM",
    "Bidirectional",
    "Clockwork",
    "EchoState",
    "Elman",
    "Jordan",
    "Output",
    "Stacked",
    "Unidirectional",
    "parameters",
]
