"""The curves of a run: what is drawn of them, which part, and the marks on them."""
