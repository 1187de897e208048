"""What an epoch holds: its borders, its size, its shape, samples that come again."""
