"""What a training loop's loader tells: ``for batch in log.batches(loader):``.

The standard library does it; numpy is used where a batch holds arrays, so that it is loaded
already, and psutil and NVML in a thread of their own, at a spike.
"""

from trainmon.writer.loading.batches import Batches, batches
from trainmon.writer.loading.tally import TRAIN

__all__ = ["TRAIN", "Batches", "batches"]
