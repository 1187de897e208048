"""The ranks of a run side by side, step by step, as a lane of its own that rules are judged on."""
