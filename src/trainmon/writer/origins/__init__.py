"""Where a run comes from: its code, its command line without secrets, its libraries."""
