"""Data: raw data sets, table files and their columns, cleaning, the corpus table, synthetic sentences, the split.

May import: config, text, core.
"""
