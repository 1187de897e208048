"""What stays: how a screen was left, and what is saved from it."""
