"""The writer that sits in a training loop and appends one line per call to the run's file.

It is imported by other people's training scripts, so it needs the standard library and orjson
only, adds a microsecond to a step, loses nothing at ``kill -9``, and never raises into the loop.
"""

from trainmon.writer.writer import Writer

__all__ = ["Writer"]
