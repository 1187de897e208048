"""The course of a series: its levels and windows, what lasts, what rises, what is ordinary."""
