"""Whether the process that wrote a log lives on this machine."""

import os
from collections.abc import Mapping
from typing import Any

import psutil

from trainmon.liveness import Process

_CLOCK_SLACK = 5.0
"""Seconds by which a process may seem to have started after its header: clocks are adjusted."""


def process_of(header: Mapping[str, Any]) -> Process:
    """Return what is known of the process that a header names by host and pid.

    A pid that was given to a younger process since is gone.
    """
    pid, host = header.get("pid"), header.get("host")
    if type(pid) is not int or pid <= 0 or host != os.uname().nodename:
        return Process.UNKNOWN
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return Process.GONE
        written = header.get("time")
        if isinstance(written, (int, float)) and process.create_time() > written + _CLOCK_SLACK:
            return Process.GONE
    except psutil.NoSuchProcess:
        return Process.GONE
    except psutil.Error:
        return Process.UNKNOWN
    return Process.ALIVE


def name_of(pid: int) -> str:
    """Return what a process is called; empty where that cannot be known."""
    try:
        return psutil.Process(pid).name()
    except (psutil.Error, ValueError, OverflowError):
        return ""


def environment_of(pid: int) -> dict[str, str] | None:
    """Return the environment that a process began with, or None where it cannot be known."""
    try:
        return psutil.Process(pid).environ()
    except (psutil.Error, OSError, ValueError, OverflowError):
        return None
