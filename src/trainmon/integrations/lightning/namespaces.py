"""The base classes that a Trainer knows, under the name by which the script imports Lightning.

Lightning is installed as ``lightning`` and as ``pytorch_lightning``: the same code twice, whose
classes are strangers to each other. Importing one takes seconds, so the other is left alone.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType, new_class
from typing import TYPE_CHECKING

from trainmon.integrations.framework import framework

if TYPE_CHECKING:
    from lightning.pytorch import LightningModule, Trainer
    from lightning.pytorch.callbacks import Callback
    from lightning.pytorch.loggers import Logger

__all__ = ["Callback", "LightningModule", "Logger", "Trainer"]

_NAMES = ("lightning.pytorch", "pytorch_lightning")


def _namespaces() -> list[ModuleType]:
    """Return what the script has imported; where that is nothing yet, what is installed."""
    imported = [module for name in _NAMES if (module := sys.modules.get(name)) is not None]
    if imported:
        return imported
    if find_spec("lightning") is None and find_spec("pytorch_lightning") is not None:
        with framework("pytorch_lightning", package="pytorch-lightning"):
            return [import_module("pytorch_lightning")]
    with framework("lightning"):
        return [import_module("lightning.pytorch")]


if not TYPE_CHECKING:
    _found = _namespaces()
    Callback = new_class("Callback", tuple(module.Callback for module in _found))
    Logger = new_class("Logger", tuple(module.loggers.Logger for module in _found))
    Trainer, LightningModule = _found[0].Trainer, _found[0].LightningModule
