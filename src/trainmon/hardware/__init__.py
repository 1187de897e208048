"""What a log holds of the machine: readings by GPU, memory and its trend, rules of cards."""
