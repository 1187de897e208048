"""Keys that do the same on several pages, and how keys are told."""
