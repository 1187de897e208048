"""What a person tells of the runs to be judged, beside their logs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trainmon.configuration import Setting
from trainmon.roles import Overrides

if TYPE_CHECKING:  # it loads numpy, without which a screen is drawn first
    from trainmon.reference import Reference


@dataclass(frozen=True, slots=True)
class Given:
    """Empty unless told."""

    roles: Overrides = field(default_factory=Overrides)
    """What metrics are."""
    settings: Mapping[str, Setting] = field(default_factory=dict)
    """Settings by the names that rules read; they stand above those of the log."""
    reference: "Reference | None" = None
    """A run that worked, to compare with."""
