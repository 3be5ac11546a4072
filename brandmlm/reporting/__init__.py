"""Reporting: metrics, tables, figures, pages and model cards, made of what the stages wrote.

May import: evaluation and the rooms below it.
"""
