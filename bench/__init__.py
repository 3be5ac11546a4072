"""Benchmarks: speed, memory and recipes, measured by hand and never by a test."""
