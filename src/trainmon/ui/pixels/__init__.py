"""Charts as pictures, for those who ask for them and whose terminals can show them."""
