"""How much may be on its way to the terminal: all of it, unless its answers tell of a slow line.

What was written is soon gone from here and may still be under way for seconds, in the buffers of
the system and of a connection. A terminal answers a question when it comes to it: the time until
then, less what an answer takes on an empty line, tells how fast the line is. It is asked after much
was sent, and on a slow line after some, as that may have become a fast one.
"""

from collections import deque
from collections.abc import Callable
from math import inf
from typing import NamedTuple

QUESTION = "\x1b[?2026$p"
"""Whether it shows a frame at once. Textual asks so at its beginning, and reads the answer."""

_FAST = 50_000.0
"""Bytes a second from which a line is no matter: the largest frame is there in a fifth of one."""

_ROOM_SECONDS = 0.2
"""How long what is under way may take: a key that is pressed then is answered behind it."""

_MUCH, _SOME = 4_000, 1_000
"""Bytes under way at which a fast and a slow line are asked: of usual frames there are fewer."""

_EMPTY_ANSWERS = 8
"""Answers on an empty line that are waited for, one a second. The soonest counts: this program may
be busy with other things when one comes, and a slow line may long not be as empty as it seems."""

_ANSWERS = 3
"""Answers that are looked at. The fastest counts, for the same reason."""

_LOST_SECONDS = 5.0
"""Time after which a question is taken as lost."""

_LEAST_SECONDS = 1e-3
"""The clock and the threads here are not more exact than that."""


class _Answer(NamedTuple):
    """How long an answer took, and how many bytes it came behind."""

    bytes: float
    seconds: float


class Line:
    """Knows how fast a line is and how much is on it. Owned by the thread that draws."""

    def __init__(self, timer: Callable[[], float]) -> None:
        self._timer = timer
        self._soonest = inf
        """Seconds of an answer on an empty line."""
        self._empty_answers = 0
        self._answers: deque[_Answer] = deque(maxlen=_ANSWERS)
        self._waiting = 0.0
        """Bytes that are believed to be under way at a time."""
        self._at = timer()
        self._asked: float | None = None
        """When the question was asked that is not answered yet."""
        self._before = 0.0
        """Bytes that were under way before it."""
        self._behind = 0
        """Bytes that were given since a question was asked last."""

    @property
    def speed(self) -> float:
        """Bytes a second, infinity where that is no matter or not known."""
        if self._soonest == inf:
            return inf
        took = ((each.bytes, each.seconds - self._soonest) for each in self._answers)
        speed = max((sent / max(seconds, _LEAST_SECONDS) for sent, seconds in took), default=inf)
        return speed if speed < _FAST else inf

    @property
    def waiting(self) -> float:
        """Bytes that are believed to be under way."""
        now = self._timer()
        self._waiting = max(0.0, self._waiting - min(self.speed, _FAST) * (now - self._at))
        self._at = now
        return self._waiting

    @property
    def room(self) -> float:
        """Bytes that may be sent now; infinity on a fast line."""
        speed = self.speed
        return inf if speed == inf else max(0.0, speed * _ROOM_SECONDS - self.waiting)

    @property
    def is_busy(self) -> bool:
        """Whether a slow line has half of what it may have under way: new data can wait."""
        speed = self.speed
        return speed < inf and self.waiting > speed * _ROOM_SECONDS / 2

    @property
    def owed(self) -> float:
        """Seconds until the answer that is waited for has come, as far as is known."""
        if self._asked is None:
            return 0.0
        took = self._before / min(self.speed, _FAST)
        return max(0.0, self._asked + took + min(self._soonest, 1.0) - self._timer())

    def given(self, count: int) -> None:
        """Take in that so many bytes were sent."""
        self._waiting = self.waiting + count
        self._behind += count

    @property
    def is_to_be_asked(self) -> bool:
        """Whether the terminal is to be asked a question behind what was sent just now."""
        return not self._is_waiting and self.waiting >= (_MUCH if self.speed == inf else _SOME)

    @property
    def is_to_be_tried(self) -> bool:
        """Whether it is to be asked now to know how soon an answer comes on an empty line."""
        wanted = bool(self._answers) and self._empty_answers < _EMPTY_ANSWERS
        return wanted and not self._is_waiting and not self.waiting

    @property
    def _is_waiting(self) -> bool:
        """Whether an answer may still come."""
        return self._asked is not None and self._timer() - self._asked < _LOST_SECONDS

    def asked(self) -> None:
        """Take in that the terminal was asked."""
        self._asked, self._before, self._behind = self._timer(), self.waiting, 0

    def answered(self) -> None:
        """Take in an answer."""
        if self._asked is None:  # the one to Textual
            return
        took, self._asked = self._timer() - self._asked, None
        if self._before:
            self._answers.append(_Answer(self._before, took))
        else:
            self._soonest = min(self._soonest, took)
            self._empty_answers += 1
        self._waiting = min(self.waiting, float(self._behind))
