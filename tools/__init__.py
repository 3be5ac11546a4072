"""Maintainer's tools: nothing here is needed to run the pipeline."""
