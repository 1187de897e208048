"""TensorBoard event files: records out of bytes, rows out of scalars."""
