"""Data: raw data sets, cleaning, the corpus table, synthetic sentences, the split.

May import: config, text, core.
"""
