"""Text: raw fields to plain sentences without personal data; language identification.

May import: core.
"""
