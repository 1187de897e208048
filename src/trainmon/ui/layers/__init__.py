"""The layers of a model: what a log tells of each, in words and in numbers."""
