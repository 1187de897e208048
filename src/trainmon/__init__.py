"""trainmon: watches a training run and says what is wrong, since when, why, and what to do."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # importing trainmon must cost a training script nothing it does not use
    from trainmon.writer import Writer

__version__ = "0.1.0"
__all__ = ["Writer", "__version__"]


def __getattr__(name: str) -> object:
    """Load a public name on first use."""
    if name == "Writer":
        from trainmon.writer import Writer  # noqa: PLC0415 - lazy, see above

        return Writer
    raise AttributeError(f"module 'trainmon' has no attribute {name!r}")
