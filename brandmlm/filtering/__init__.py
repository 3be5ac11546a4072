"""Filtering: signals of a text, the keep rule that selects v2's training rows (run by UpTrain), drift in the reviews.

May import: config, text and core.
"""
