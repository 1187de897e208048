"""A callback for Keras 3, whatever its backend.

``model.fit(..., callbacks=[TrainmonCallback("logs/baseline")])`` is all it takes.
"""

from trainmon.integrations.keras.callback import TrainmonCallback

__all__ = ["TrainmonCallback"]
