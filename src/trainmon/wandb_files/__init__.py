"""The log that W&B keeps of a run: chunks, records, rows."""
