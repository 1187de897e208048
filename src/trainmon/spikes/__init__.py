"""Single times far above the usual: which they are, what they have in common, what is told."""
