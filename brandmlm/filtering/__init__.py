"""Filtering: the signals of a row, the keep rule that chooses v2's rows (run by UpTrain), drift in the reviews.

May import: config, text, core.
"""
