"""The versions of what a training runs on, as far as it is loaded; nothing is imported to know."""

import sys
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from trainmon.writer.plain import text

FRAMEWORKS = (
    *("trainmon", "numpy", "torch", "torchvision", "torchaudio", "lightning", "pytorch_lightning"),
    *("transformers", "accelerate", "datasets", "diffusers", "peft", "trl", "timm", "deepspeed"),
    *("ignite", "keras", "tensorflow", "jax", "flax", "optax", "sklearn", "xgboost", "lightgbm"),
)
"""Modules whose version may be why two runs differ."""

_VERSION_LIMIT = 100
"""Characters kept of one version: local builds name their branch and date."""


def versions(modules: Mapping[str, object] | None = None) -> dict[str, str]:
    """Return the versions of Python and of the frameworks among the loaded `modules`.

    With torch come the ``cuda`` or ``hip`` it was built for and, if the training has started to
    use it, the ``gpu`` that this process computes on. Nothing is raised, whatever a module is.
    `modules` are those of the interpreter if not given.

    >>> versions({})["python"] == sys.version.split()[0]
    True
    """
    loaded = sys.modules if modules is None else modules
    found = {"python": sys.version.split()[0]}
    found |= {name: version for name in FRAMEWORKS if (version := _version(loaded.get(name)))}
    found |= _accelerator(loaded)
    return {name: text(version)[:_VERSION_LIMIT] for name, version in found.items()}


def _version(module: object) -> str | None:
    """Return the version of a module without asking it, as one that loads lazily would then load.

    Those of Hugging Face keep theirs among the objects that are there from the start.
    """
    inside = _inside(module)
    version = inside.get("__version__")
    if version is None and isinstance(objects := inside.get("_objects"), dict):
        version = objects.get("__version__")
    return version if isinstance(version, str) else None


def _accelerator(loaded: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    built_for = _inside(loaded.get("torch.version"))
    for name in ("cuda", "hip"):
        if isinstance(version := built_for.get(name), str):
            yield name, version
    try:
        # Before its first use CUDA takes seconds and memory to begin, and a fork may follow.
        cuda = _inside(loaded["torch.cuda"])
        if cuda["is_initialized"]():
            yield "gpu", cuda["get_device_name"]()
    except Exception:  # noqa: BLE001 - a driver in trouble is no reason to not train
        return


def _inside(module: object) -> dict[str, Any]:
    """Return the names that a module holds, bare of what it does when it is asked for them."""
    if not isinstance(module, ModuleType):
        return {}
    inside: dict[str, Any] = object.__getattribute__(module, "__dict__")
    return inside
