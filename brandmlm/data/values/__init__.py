"""Columns of strings read as values: what one cell leaves open, the column settles."""
