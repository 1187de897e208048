"""What there was to see at an earlier record: runs, what was known of them, the machine."""
