"""Core: errors that a user can act on, the command line, atomic files, retries, progress bars, YAML.

May import: nothing of the project.
"""
