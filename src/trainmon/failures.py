"""What a failure speaks of, by the words that the libraries write into its text."""

import re

COLLECTIVE = "collective"
"""An exchange between ranks that did not come about: most often another rank is gone."""

_SPEAKS_OF = (
    (
        "label",  # a label that the loss has no class for
        (
            r"target -?\d+ is out of bounds|label value of -?\d+ which is outside"
            r"|assert\w* .{0,3}(?:cur_target|t) >= 0 && (?:cur_target|t) < n_classes"
            r"|class values must be (?:smaller|non-?negative|in the range)"
        ),
    ),
    (
        "shared memory",
        (
            r"out of shared memory|insufficient shared memory|/dev/shm|shm_open"
            r"|shared memory segment|unable to (?:open|mmap|resize) shared memory"
        ),
    ),
    (
        "memory",
        (
            r"out[ _]of[ _]memory|outofmemory|memoryerror|bad_alloc|\boom(?:\b|_kill)"
            r"|resource_?exhausted|not enough memory|low on memory"
            r"|(?:can(?:no|')?t|can not|unable to|failed to|could not) allocate"
            r"(?!.{0,40}(?:port|address|socket|tls))|(?:tried|attempting) to allocate"
            r"|status_alloc_failed|memoryallocation|invalid buffer size"
        ),
    ),
    (
        COLLECTIVE,
        r"nccl|gloo|watchdog|collective|all_?reduce|process group|rendezvous|tcpstore|dist\w+error",
    ),
    ("worker", r"dataloader worker|worker .*(?:exited|killed)|shm|shared memory|bus error"),
    ("killed", r"\bkilled\b|sigkill|signal:? 9\b|exit ?code:? (?:137|-9)\b"),
    ("not finite", r"non-?finite|\bnan\b|\binf(?:inity)?\b|nan or inf|overflow"),
    (
        "disk",
        (
            r"no space left|disk quota|quota exceeded|errno (?:28|122)|enospc"
            r"|read-only file system|pytorchstreamwriter failed"
        ),
    ),
    (
        "interrupt",
        r"keyboardinterrupt|sigterm|sigint|preempt|time limit|walltime|exit ?code:? (?:143|-15)\b",
    ),
    ("assertion on the GPU", r"device-side assert"),
)
"""What a text is about; the first that matches counts."""

_PATTERNS = tuple((about, re.compile(words, re.IGNORECASE)) for about, words in _SPEAKS_OF)

_OF_THE_GPU = re.compile(r"cuda|hip|gpu|cublas|cudnn|mps|xla|hbm|resource_exhausted", re.IGNORECASE)
"""Words of texts on the memory of an accelerator."""

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


def is_of_host(kind: str, message: str) -> bool:
    """Return whether a failure for want of memory speaks of the host's and not of a GPU's.

    >>> is_of_host("RuntimeError", "DefaultCPUAllocator: can't allocate memory: you tried ...")
    True
    """
    return _OF_THE_GPU.search(f"{kind} {message[-_TEXT_LOOKED_AT:]}") is None
