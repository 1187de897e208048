"""A logger for PyTorch-Ignite, in the form of Ignite's own.

``setup_trainmon_logging("logs/baseline", trainer, optimizer, {"val": evaluator})`` attaches all of
it; `TrainmonLogger` has the ``attach_...`` methods that Ignite's loggers have.
"""

from trainmon.integrations.ignite.handlers import OptimizerParamsHandler, OutputHandler
from trainmon.integrations.ignite.logger import TrainmonLogger
from trainmon.integrations.ignite.setup import setup_trainmon_logging

__all__ = [
    "OptimizerParamsHandler",
    "OutputHandler",
    "TrainmonLogger",
    "setup_trainmon_logging",
]
