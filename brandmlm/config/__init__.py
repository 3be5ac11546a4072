"""Config: `params.yaml` and the files of a brand, read once into typed, frozen objects.

May import: core.
"""
