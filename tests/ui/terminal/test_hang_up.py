"""A screen whose terminal is gone."""

import os
import pty
from threading import Event

from trainmon.ui.terminal.hang_up import when_hung_up

PATIENCE = 20.0
"""Seconds to wait for a thread."""


def test_a_terminal_that_is_gone_is_told_once_and_no_sooner() -> None:
    ours, theirs = pty.openpty()
    told = Event()
    when_hung_up(theirs, told.set)
    assert not told.is_set()
    os.close(ours)
    assert told.wait(PATIENCE)
    os.close(theirs)
