"""What to do about each cause, cheapest first, with the numbers of the run."""
