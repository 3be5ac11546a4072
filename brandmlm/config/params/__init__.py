"""`params.yaml`: a module per section, and the reader that merges the profile in force."""
