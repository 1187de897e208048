"""All metrics as small charts: their groups, their places, what of them is drawn anew."""
