"""A callback for the Trainer of Hugging Face Transformers.

``Trainer(..., callbacks=[TrainmonCallback()])`` is all it takes.
"""

from trainmon.integrations.huggingface.callback import TrainmonCallback

__all__ = ["TrainmonCallback"]
