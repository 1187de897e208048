"""Judgements on paper: text and JSON from one frozen view."""
