"""Binary framings and encodings of logs: pure functions and small cutters, bytes in, values out."""
