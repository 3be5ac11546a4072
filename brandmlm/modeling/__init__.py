"""Modeling: base checkpoints, the vocabulary, chunks, masks, and masked-LM heads computed at masked positions.

May import: data, filtering and the rooms below them.
"""
