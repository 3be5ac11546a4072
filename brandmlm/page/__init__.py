"""Page: the local page of `brand-mlm try`, its server on the loopback interface, what it answers; the static demo.

May import: checking, onnx, reporting and the rooms below them.
"""
