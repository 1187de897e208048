"""JSON in logs: objects out of lines, names and positions out of objects."""
