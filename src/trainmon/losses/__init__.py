"""What rules compare losses with: their parts, their pairs, their first values, their sums."""
