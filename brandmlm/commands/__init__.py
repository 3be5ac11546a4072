"""Commands: what `brand-mlm` runs; each module is one command or serves one.

May import: every other room.
"""
