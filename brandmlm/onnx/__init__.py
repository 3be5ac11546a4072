"""Onnx: trained models as ONNX files, in fp32 and with 8-bit weights, checked against torch.

May import: evaluation and the rooms below it.
"""
