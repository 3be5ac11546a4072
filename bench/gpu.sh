#!/usr/bin/env bash
# The table of bench/gpu.py on one GPU, in at most eight minutes; `--device cpu --dry` tests it without one.
# Needed beside torch and transformers: pydantic; for two of its rows liger-kernel and cut-cross-entropy.
set -euo pipefail
cd "$(dirname "$0")/.."
export CUBLAS_WORKSPACE_CONFIG=:4096:8 PYTHONUNBUFFERED=1  # cuBLAS is deterministic only with it
exec timeout 480 "${PYTHON:-python3}" -m bench.gpu "$@"
