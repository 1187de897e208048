"""Which layers lead or starve, and which sign of trouble came first."""
