"""A tracker for Hugging Face Accelerate: ``Accelerator(log_with=TrainmonTracker("logs/run"))``."""

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

from trainmon.integrations.ending import AtExit
from trainmon.integrations.framework import framework
from trainmon.writer import Writer

with framework("accelerate"):
    from accelerate.state import AcceleratorState, GradientState, PartialState
    from accelerate.tracking import GeneralTracker


class TrainmonTracker(GeneralTracker):  # type: ignore[misc]  # accelerate has no types
    """Logs what ``accelerator.log`` is given to the run's folder.

    `folder` and `options` are those of `trainmon.Writer`. Each process writes a file of its own,
    so log what is its own (the loss of its batch) on all of them and not on the main one alone.

    The writer opens when the first thing is logged: with ``accelerator.init_trackers(name,
    config)`` it finds the configuration, in its header. ``accelerator.end_training()`` finishes
    the run; an exception that ends the script is logged as well. ``accelerator.get_tracker(
    "trainmon", unwrap=True)`` is the writer, for all else that it can do.

    Raises `WriterError` when it opens, if the folder cannot be written to; after that nothing
    raises.
    """

    name = "trainmon"
    requires_logging_directory = False
    main_process_only: ClassVar[bool] = False

    def __init__(
        self,
        folder: str | os.PathLike[str],
        **options: Any,  # noqa: ANN401 - whatever Writer takes
    ) -> None:
        super().__init__()
        self._folder = folder
        self._options = options
        self._log: Writer | None = None
        self._at_exit = AtExit()

    @property
    def tracker(self) -> Writer:
        """The writer, which opens at the first use."""
        return self._log or self._open({})

    def store_init_configuration(self, values: Mapping[str, object]) -> None:
        """Put `values` into the header, or into an event if the header is written."""
        if self._log is None:
            self._open(values)
        else:
            self._log.configure(values)

    def log(
        self,
        values: Mapping[str, object],
        step: int | None = None,
        epoch: float | None = None,
        **_: object,
    ) -> None:
        """Log `values`: numbers, or tensors of one element, also on a GPU.

        ``step`` should count optimizer steps. The epoch may stand among the values, or come as
        ``log_kwargs={"trainmon": {"epoch": 3}}``.
        """
        self.tracker.log(values, step=step, epoch=epoch)

    def finish(self) -> None:
        """Finish the run."""
        if self._log is not None:
            self._at_exit.call_off()
            self._log.finish()

    def _open(self, values: Mapping[str, object]) -> Writer:
        process = PartialState()
        config = {**_told_by_accelerate(), **values}
        own = {"rank": process.process_index, "world_size": process.num_processes}
        self._log = Writer(self._folder, **{"config": config, **own, **self._options})
        self._at_exit.end(self._log, otherwise=self._log.finish)
        return self._log


def _told_by_accelerate() -> dict[str, object]:
    """Return the settings that accelerate itself decides, where it has been set up."""
    told: dict[str, object] = {}
    with suppress(Exception):  # without an Accelerator these raise, each version its own way
        told["world_size"] = PartialState().num_processes
        told["accum"] = GradientState().num_steps
        precision = AcceleratorState().mixed_precision
        told["precision"] = "fp32" if precision == "no" else precision
    return told
