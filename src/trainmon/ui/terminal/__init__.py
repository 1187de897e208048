"""The terminal: what it is sent, how often, how little of it, and when it is gone."""
