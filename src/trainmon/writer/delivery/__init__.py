"""How lines reach the file, in order: at once, or after what they wait for has arrived."""
