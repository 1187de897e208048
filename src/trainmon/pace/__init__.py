"""How fast a run is: the share of waits, the work of a step, and what explains a slowdown."""
