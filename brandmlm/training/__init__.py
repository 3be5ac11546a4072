"""Training: the loss, the training loop and its callbacks, resuming, several processes.

May import: evaluation and the rooms below it.
"""
