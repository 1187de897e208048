"""What metric names stand for: role, direction and unit.

Rules and panels ask for a role ("train loss"), never for a name.
"""

from trainmon.roles.of_a_run import RunRoles
from trainmon.roles.overrides import Override, Overrides, override, parsed_override
from trainmon.roles.reading import role_of
from trainmon.roles.role import Direction, MetricRole, Role
from trainmon.roles.units import normalised

__all__ = [
    "Direction",
    "MetricRole",
    "Override",
    "Overrides",
    "Role",
    "RunRoles",
    "normalised",
    "override",
    "parsed_override",
    "role_of",
]
