"""Lets ``python -m ner_rnn_cli`` and ``torchrun -m ner_rnn_cli`` stand in for ``ner-rnn``."""

import sys

from .main import main

sys.exit(main())
