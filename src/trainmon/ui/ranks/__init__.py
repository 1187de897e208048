"""The ranks of a run: what each tells, and the strips that show it."""
