"""The command line of ner-rnn; installed as the package ``ner_rnn_cli``."""
