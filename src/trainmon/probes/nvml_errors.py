"""What the errors of NVML mean, and how they are told."""

from trainmon.probes.questions import Trouble

_TROUBLES = {
    "NotSupported": Trouble.UNSUPPORTED,
    "FunctionNotFound": Trouble.UNSUPPORTED,
    "ArgumentVersionMismatch": Trouble.UNSUPPORTED,
    "Deprecated": Trouble.UNSUPPORTED,
    "NVMLLibraryMismatchError": Trouble.UNSUPPORTED,
    "NoPermission": Trouble.FORBIDDEN,
    "GpuIsLost": Trouble.LOST,
    "ResetRequired": Trouble.LOST,
    "GpuNotFound": Trouble.LOST,
    "Uninitialized": Trouble.GONE,
    "DriverNotLoaded": Trouble.GONE,
    "LibRmVersionMismatch": Trouble.GONE,
    "LibraryNotFound": Trouble.GONE,
}
"""By the end of an error's class, since the binding has a class for each code of NVML.

``NVMLLibraryMismatchError`` is no ``NVMLError``: the binding raises it where the driver is too old
for a function.
"""

_WORDS = {
    "LibraryNotFound": "no driver here",
    "DriverNotLoaded": "its driver is not loaded",
    "LibRmVersionMismatch": (
        "its driver was updated: library and kernel module differ until a reboot"
    ),
    "FunctionNotFound": "its driver is too old to be read",
    "NVMLLibraryMismatchError": "its driver and nvidia-ml-py do not fit each other",
    "NoPermission": "no permission to use its driver",
    "Uninitialized": "its driver was unloaded",
    "GpuIsLost": "is lost: it does not answer any more, and a reboot may bring it back",
    "ResetRequired": "needs a reset: nvidia-smi --gpu-reset",
}

_LONGEST = 60
"""Characters that are kept of what an unknown error says."""


def trouble_of(error: Exception) -> Trouble:
    """Return what an error means for those who go on asking."""
    return _TROUBLES.get(_kind(error), Trouble.PASSING)


def words_of(error: Exception, unknown: str = "") -> str:
    """Return an error in words; `unknown` stands before one that has none here."""
    kind = _kind(error)
    if kind in _WORDS:
        return _WORDS[kind]
    return f"{unknown}{str(error) or kind}"[:_LONGEST]


def _kind(error: Exception) -> str:
    return type(error).__name__.removeprefix("NVMLError_")
