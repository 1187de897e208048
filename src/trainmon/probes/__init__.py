"""Probes: what this machine tells of its processes, its host and its GPUs."""
