"""Onnx: trained models as ONNX files, in fp32 and with 8-bit weights, checked against torch.

May import: evaluation and the rooms below it.
"""

import os

# The published builds of ONNX Runtime report their use to their maker unless this is set before they are imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
