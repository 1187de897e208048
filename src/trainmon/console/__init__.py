"""Text that training scripts print for people, taken apart: pure parsing, shared by sources."""
