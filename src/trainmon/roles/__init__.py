"""What metric names stand for: role, direction and unit.

Rules and panels ask for a role ("train loss"), never for a name.
"""

from trainmon.roles.clocks import COUNTS_UP_AT, EARLIEST_TIME, counts_up, is_clock
from trainmon.roles.of_a_run import RunRoles
from trainmon.roles.overrides import Override, Overrides, override, parsed_override
from trainmon.roles.reading import role_of
from trainmon.roles.role import Direction, MetricRole, Role
from trainmon.roles.units import normalised

__all__ = [
    "COUNTS_UP_AT",
    "EARLIEST_TIME",
    "Direction",
    "MetricRole",
    "Override",
    "Overrides",
    "Role",
    "RunRoles",
    "counts_up",
    "is_clock",
    "normalised",
    "override",
    "parsed_override",
    "role_of",
]
