"""The live screen: a Textual app over the frozen views that the monitor publishes."""
