"""The entries of the cause graph, by what they are about."""
