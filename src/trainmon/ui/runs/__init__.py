"""Runs beside one another: listed, filtered, compared, and how far each is."""
