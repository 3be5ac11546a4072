"""The files of a brand, `brands/<brand>/*.yaml`: lexicon, templates and probes."""
