"""Opens a run's writer as the process that Lightning made of this one."""

import os
from typing import Any

from torch import distributed

from trainmon.integrations.lightning.namespaces import Trainer
from trainmon.writer import Writer


def open_writer(
    folder: str | os.PathLike[str], trainer: Trainer | None, options: dict[str, Any]
) -> Writer:
    """Return a writer for this process; raises `WriterError` if that cannot be.

    Lightning starts its processes itself, without the ``RANK`` by which launchers tell it.
    """
    process: dict[str, int] = {}
    if trainer is not None:
        process = {"rank": trainer.global_rank, "world_size": trainer.world_size}
    elif distributed.is_available() and distributed.is_initialized():
        process = {"rank": distributed.get_rank(), "world_size": distributed.get_world_size()}
    elif rank := os.environ.get("LOCAL_RANK", ""):
        process = {"rank": int(rank)}
    return Writer(folder, **{**process, **options})
