"""Causes: what the findings of a run mean, ranked, with what to do about it."""
