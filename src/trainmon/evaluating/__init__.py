"""What rules read of evaluations: events, metrics, classes, and what these cannot be at once."""
