"""Samples the machine of a training from a thread of its process, for the log."""
