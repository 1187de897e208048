"""The raw records of a log: as lines, in a window, searched."""
