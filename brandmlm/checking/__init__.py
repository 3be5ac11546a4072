"""Checking: off-brand words in texts of any kind, the sentences around them, proposals, formats of findings.

May import: evaluation and the rooms below it.
"""
