"""Synthesis: labelled sentences from a brand's frames (`templates.yaml`) and words (`lexicon.yaml`)."""
