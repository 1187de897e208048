"""What a failure speaks of, by the words that the libraries write into its text."""

import re

COLLECTIVE = "collective"
"""An exchange between ranks that did not come about: most often another rank is gone."""

_SPEAKS_OF = (
    (
        "memory",
        r"out of memory|outofmemory|cannot allocate memory|memoryerror|bad_alloc|oom[ -]?kill",
    ),
    (
        COLLECTIVE,
        r"nccl|gloo|watchdog|collective|all_?reduce|process group|rendezvous|tcpstore|dist\w+error",
    ),
    ("worker", r"dataloader worker|worker .*(?:exited|killed)|shm|shared memory|bus error"),
    ("not finite", r"non-?finite|\bnan\b|\binf(?:inity)?\b|nan or inf|overflow"),
    ("disk", r"no space left|disk quota|errno 28|read-only file system"),
    ("interrupt", r"keyboardinterrupt|sigterm|sigint|preempt"),
)
"""What a text is about; the first that matches counts."""

_PATTERNS = tuple((about, re.compile(words, re.IGNORECASE)) for about, words in _SPEAKS_OF)

_TEXT_LOOKED_AT = 4_000
"""Characters of a message that are searched: the last line of a traceback is what counts."""

FAILED = frozenset({"failed", "crashed", "error", "killed"})
"""What a finish event may say that is no good end."""


def speaks_of(kind: str, message: str) -> str:
    """Return what a failure of some kind, with a message, is about; ``unknown`` if it is nothing.

    >>> speaks_of("RuntimeError", "CUDA out of memory. Tried to allocate 2.00 GiB.")
    'memory'
    >>> speaks_of("RuntimeError", "[gloo/transport/tcp/pair.cc:534] Connection closed by peer")
    'collective'
    """
    text = f"{kind} {message[-_TEXT_LOOKED_AT:]}"
    return next((about for about, pattern in _PATTERNS if pattern.search(text)), "unknown")
