"""Two runs compared: how their settings differ, where their curves part. Pure functions."""

from trainmon.comparison.compared import Comparison, CurveComparison, compare
from trainmon.comparison.differences import Difference, differences

__all__ = ["Comparison", "CurveComparison", "Difference", "compare", "differences"]
