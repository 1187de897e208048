"""Causes that lie in the loader, the machine and the processes."""

import re

from trainmon.causes.cause import NOTHING, Cause, Sign, Sort, Test
from trainmon.causes.facts import Facts
from trainmon.causes.fixes import machine as fixes
from trainmon.causes.symptoms import SLOW, STUCK
from trainmon.rule import Severity


def _speaks_of(*words: str) -> Test:
    return lambda facts: facts.evidence("crashed", "speaks_of") in words


def _is_gone(facts: Facts) -> bool:
    """Return whether a rank is not there, rather than apart from the others."""
    rank_is_there = facts.evidence("rank-desync", "off") is not None
    return bool(facts.of("rank-desync")) and not rank_is_there


def _is_apart(facts: Facts) -> bool:
    return not _is_gone(facts)


def _leaks(facts: Facts) -> bool:
    """Return whether a leak may have ended the run; an exception that says so needs no guess."""
    told = facts.evidence("crashed", "speaks_of") == "memory"
    return bool(facts.of("memory-leak")) and not told


def _killed(facts: Facts) -> bool:
    """Return whether it was killed from outside, as a kernel out of memory does."""
    message = str(facts.evidence("crashed", "message") or "")
    about = facts.evidence("crashed", "speaks_of")
    return about == "killed" or (about == "worker" and bool(_KILL.search(message)))


_KILL = re.compile(
    r"signal:? ?(?:killed|sigkill|9\b)|sigkill|exit(?:ed)? with (?:code )?-9", re.IGNORECASE
)
"""What a message says of a kill; one of another signal has a fault of its own."""


def _not_bound(facts: Facts) -> bool:
    """Return whether spikes are what the waiting is made of, and not one in ten of all batches."""
    bound = any(i.severity > Severity.INFO for i in facts.of("loader-bound"))
    return not bound or _is_single(facts)


def _is_single(facts: Facts) -> bool:
    """Return whether stalls are single ones: rare, or at a period, as of one slow worker."""
    rate, period = (facts.amount("loader-spikes", key) for key in ("rate", "period"))
    once_each = _ONCE[0] <= rate * period <= _ONCE[1]
    return rate < (_RARE_AT_A_PERIOD if once_each else _RARE)


_RARE = 0.08
"""Of the batches: stalls more frequent than this are a loader that is too slow."""

_ONCE = (0.5, 1.5)
"""Stalls in a period: one, with some that are missed or come between."""

_RARE_AT_A_PERIOD = 0.15
"""Likewise where every so-manieth batch stalls and the others are at hand: one of seven workers."""


def _waits_always(facts: Facts) -> bool:
    return not facts.of("loader-spikes") or not _is_single(facts)


def _starved_by_the_loader(facts: Facts) -> bool:
    """Return whether the loader keeps a GPU waiting, by all of its batches and not some."""
    by_loader = facts.evidence("gpu-starved", "explained_by") == "loader"
    return by_loader and bool(facts.of("loader-bound") or _waits_always(facts))


def _starved_by_something_else(facts: Facts) -> bool:
    return not _starved_by_the_loader(facts)


def _slower_by_something_else(facts: Facts) -> frozenset[str]:
    """Return the slowdown where most of it is known not to be longer waits for data.

    A loader that takes a twentieth of each step is no cause of steps that take twice as long.
    """
    by = facts.evidence("throughput-regression", "explained_by")
    return NOTHING if by in (None, "data", "unknown") else frozenset({"throughput-regression"})


CAUSES: tuple[Cause, ...] = (
    Cause(
        id="resume-jump",
        title="the resume did not restore all that was saved",
        prior=0.8,
        signs=(Sign("resume-jump", 0.95, Sort.TOLD),),
        effects=frozenset({"loss-spike", "loss-divergence", "grad-explosion", "metric-collapse"})
        | STUCK,
        rivals=("lr-too-high",),
        decider="the loss of one batch before saving and after loading",
        disproof="the same loss on the same batch before and after",
        fix=fixes.resume_jump,
    ),
    Cause(
        id="loader-bound",
        title="the loader is slower than the model",
        prior=0.7,
        signs=(
            Sign("loader-bound", 0.9, when=_waits_always, otherwise=0.4),
            Sign("gpu-starved", 0.9, when=_starved_by_the_loader, otherwise=0.4),
            Sign("loader-spikes", 0.3),
        ),
        effects=SLOW,
        rivals=("loader-spikes",),
        decider="the step time with the dataset replaced by constant tensors",
        disproof="no faster step with constant tensors",
        fix=fixes.loader_bound,
        told_otherwise=_slower_by_something_else,
    ),
    Cause(
        id="loader-spikes",
        title="the data loader stalls now and then",
        prior=0.5,
        signs=(Sign("loader-spikes", 0.9, when=_not_bound, otherwise=0.5),),
        effects=frozenset({"gpu-starved", "loader-bound", "throughput-regression", "step-spikes"}),
        rivals=("loader-bound",),
        decider="CPU, memory and storage at the worst spikes",
        disproof="the same stalls with the dataset replaced by constant tensors",
        fix=fixes.loader_spikes,
        told_otherwise=_slower_by_something_else,
    ),
    Cause(
        id="gpu-starved",
        title="the GPU waits for the rest of the machine",
        prior=0.5,
        signs=(Sign("gpu-starved", 0.9, when=_starved_by_something_else, otherwise=0.5),),
        effects=frozenset(),
        rivals=("loader-bound", "loader-spikes"),
        decider="the wait for data: log.batches(loader)",
        disproof="a utilisation that stays low with data at hand",
        fix=fixes.gpu_starved,
    ),
    Cause(
        id="gpu-memory-high",
        title="the memory of the GPU is nearly full",
        prior=0.4,
        signs=(Sign("gpu-memory-high", 0.9, Sort.TOLD),),
        effects=frozenset(),
        rivals=("memory-leak",),
        decider="reserved against allocated memory",
        disproof="memory that is reserved and not allocated",
        fix=fixes.gpu_memory_high,
        worsens=("out-of-memory", "loader-spikes"),
    ),
    Cause(
        id="memory-leak",
        title="memory grows and is not given back",
        prior=0.7,
        signs=(Sign("memory-leak", 0.95), Sign("crashed", 0.6, when=_leaks)),
        effects=frozenset({"gpu-memory-high", "crashed", "throughput-regression", "loader-spikes"}),
        rivals=("gpu-memory-high",),
        decider="a memory snapshot at two steps",
        disproof="memory that stays level for an epoch",
        fix=fixes.memory_leak,
    ),
    Cause(
        id="gpu-throttled",
        title="the GPU is held back by heat or power",
        prior=0.8,
        signs=(Sign("gpu-throttled", 0.95, Sort.TOLD),),
        effects=frozenset({"throughput-regression", "straggler-rank", "gpu-starved"}),
        rivals=("throughput-regression",),
        decider="clocks and throttle reasons: nvidia-smi -q -d PERFORMANCE",
        disproof="clocks at their maximum under load",
        fix=fixes.gpu_throttled,
    ),
    Cause(
        id="throughput-regression",
        title="steps take longer than they did",
        prior=0.5,
        signs=(Sign("throughput-regression", 0.9), Sign("step-spikes", 0.6)),
        effects=frozenset({"gpu-starved"}),
        rivals=("gpu-throttled", "memory-leak", "loader-bound"),
        decider="a profile of 20 steps now and of 20 after a restart",
        disproof="the same step time after a restart",
        fix=fixes.throughput_regression,
    ),
    Cause(
        id="straggler-rank",
        title="one rank is slower than the others",
        prior=0.7,
        signs=(Sign("straggler-rank", 0.95),),
        effects=frozenset({"throughput-regression", "gpu-starved"}),
        rivals=("gpu-throttled", "loader-bound"),
        decider="the same job with its machines exchanged",
        disproof="another rank is slow then",
        fix=fixes.straggler_rank,
    ),
    Cause(
        id="rank-desync",
        title="ranks have run apart",
        prior=0.7,
        signs=(Sign("rank-desync", 0.95, Sort.EXACT, when=_is_apart),),
        effects=frozenset({"stalled", "crashed", "loss-divergence"}),
        rivals=("hang",),
        decider="checksums of the weights by rank",
        disproof="equal checksums",
        fix=fixes.rank_desync,
    ),
    Cause(
        id="out-of-memory",
        title="memory ran out",
        prior=0.9,
        signs=(
            # The exception names it: nothing is more exact.
            Sign("crashed", 0.97, Sort.EXACT, when=_speaks_of("memory")),
            Sign("crashed", 0.9, Sort.TOLD, when=_speaks_of("shared memory")),
            Sign("crashed", 0.8, Sort.TOLD, when=_killed),
        ),
        effects=frozenset({"gpu-memory-high"}),
        rivals=("memory-leak",),
        decider="memory over the last steps: level and high, or growing",
        disproof="free memory in the last record",
        fix=fixes.out_of_memory,
    ),
    Cause(
        id="process-died",
        title="the process came to an end that it did not choose",
        prior=0.4,
        signs=(
            Sign("crashed", 0.9, Sort.TOLD, when=_speaks_of("disk", "interrupt")),
            Sign("crashed", 0.6, Sort.TOLD, when=_speaks_of("worker", "killed")),
            Sign("crashed", 0.6, Sort.TOLD, when=_speaks_of("unknown", "assertion on the GPU")),
            Sign("rank-desync", 0.95, Sort.EXACT, when=_is_gone),
        ),
        effects=frozenset({"stalled", "crashed"}),
        rivals=("out-of-memory", "hang"),
        decider="dmesg, and the scheduler's own log",
        disproof="a process that still runs",
        fix=fixes.process_died,
    ),
    Cause(
        id="hang",
        title="the process hangs",
        prior=0.5,
        signs=(
            Sign("stalled", 0.9),
            Sign("crashed", 0.9, Sort.TOLD, when=_speaks_of("collective")),
        ),
        effects=frozenset(),
        rivals=("rank-desync",),
        decider="the stacks of the process: py-spy dump",
        disproof="a long evaluation or checkpoint that has just begun",
        fix=fixes.hang,
    ),
)
