"""The machine of a run: its devices, and what is read of them in words."""
