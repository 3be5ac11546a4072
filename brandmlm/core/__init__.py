"""Core: user errors, the command line, atomic file writes, retries, progress bars and YAML.

May import: nothing of the project.
"""
