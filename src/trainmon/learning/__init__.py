"""What tells whether a run learns: chance levels, the course of its loss, the time it had."""
