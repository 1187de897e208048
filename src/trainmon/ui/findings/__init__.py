"""Findings: their cards, their evidence, and what a person said of them."""
