"""Evaluation: perplexity on fixed masks, probes, the behaviour suite, word verdicts, calibration, intervals.

May import: modeling and the rooms below it.
"""
