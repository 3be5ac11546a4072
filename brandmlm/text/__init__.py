"""Text: from a field as a site exported it to plain sentences without personal data.

May import: core.
"""
