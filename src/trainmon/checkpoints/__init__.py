"""Which checkpoints a configuration wants, and which were saved."""
