"""Charts as pure functions: arrays in, a grid of inked characters out; nothing of Textual."""
