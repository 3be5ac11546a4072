"""Data: raw tables, the corpus table, near-duplicates, templates and sampling, the split.

May import: config, text, core.
"""
