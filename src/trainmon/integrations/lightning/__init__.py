"""A logger and a callback for Lightning, by either of its names.

``Trainer(logger=TrainmonLogger("logs/baseline"), callbacks=[TrainmonCallback()])``: the logger
takes what the script logs, the callback what the script does not measure; each works alone.
"""

from trainmon.integrations.lightning.callback import TrainmonCallback
from trainmon.integrations.lightning.logger import TrainmonLogger

__all__ = ["TrainmonCallback", "TrainmonLogger"]
