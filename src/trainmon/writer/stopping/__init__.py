"""When to stop, and what to say on the way: early stopping, checkpoints, parts of a loss.

Loaded when a training script asks for one of them. Needs the standard library alone.
"""

from trainmon.writer.stopping.checkpoints import Checkpoints
from trainmon.writer.stopping.decision import Decision
from trainmon.writer.stopping.early_stopping import EarlyStopping
from trainmon.writer.stopping.expectation import expectations
from trainmon.writer.stopping.parts import Parts
from trainmon.writer.stopping.terms import terms

__all__ = ["Checkpoints", "Decision", "EarlyStopping", "Parts", "expectations", "terms"]
