"""Page: the local page of `brand-mlm try`, its server on the loopback interface and what it answers.

May import: checking, reporting and the rooms below them.
"""
