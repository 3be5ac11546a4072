"""Comparison of two revisions of a run: metrics, gates, stages, rows and tokens that changed, as a page.

Pure functions, no files: a *base* is compared with a *head*.
"""
