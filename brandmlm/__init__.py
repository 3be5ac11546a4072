"""brand-mlm as a library: fine-tune a masked language model to speak for a brand.

The rooms form floors; a room imports only from rooms below it:
commands > training, reporting > evaluation > modeling > data, filtering > config > text, core.
"""
