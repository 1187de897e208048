"""What to do about the loader, the machine and the processes."""

from math import isfinite

from trainmon.causes.facts import Facts
from trainmon.failures import is_of_host


def loader_spikes(facts: Facts) -> list[str]:
    """Return what to change in the loader, in the order of cost."""
    context = facts.context
    incident = facts.first("loader-spikes")
    evidence = incident.evidence if incident else {}
    workers, prefetch = context.number("num_workers"), context.number("prefetch_factor")
    steps = []
    if evidence.get("matches"):
        steps.append(f"the period is {evidence['matches']}: look at what each worker does then")
    if workers and workers >= 8:  # noqa: PLR2004 - below it a loader is rarely too wide
        steps.append(f"fewer workers: {workers:.0f} to {max(2, workers * 2 // 3):.0f}")
    elif workers is not None:
        steps.append(f"more workers if CPU and memory are idle: {workers:.0f} to {workers + 4:.0f}")
    else:
        steps.append("change the number of workers: fewer if memory or CPU is tight, else more")
    if prefetch and prefetch > 2:  # noqa: PLR2004 - torch's own default
        steps.append(f"a smaller prefetch: {prefetch:.0f} to {max(2, prefetch // 2):.0f}")
    if workers != 0:  # without workers there is none to keep
        steps.append("persistent_workers=True")
    return [*steps, "move the data to local storage"]


def hang(facts: Facts) -> list[str]:
    """Return how to see where a process hangs, and what to do about what it is seen to do."""
    told = facts.context.header.get("pid")
    pid = told if isinstance(told, int) else "PID"
    doing = str(facts.evidence("stalled", "doing") or "")
    if doing == "suspended":
        return [f"kill -CONT {pid}", "find out what stopped it: ctrl+z, a debugger, the scheduler"]
    first = _WHILE.get(doing)
    return [
        *([first] if first else []),
        f"py-spy dump --pid {pid}",
        "look for a rank that is gone, a dead loader worker, a full disk",
    ]


_WHILE = {
    "swapping": "give it memory: fewer workers, a smaller prefetch, no other job on this host",
    "disk": "look at the disk or file server that it reads: df, dmesg, nfsstat",
    "collective": (
        "find the rank that is missing: the one whose log ends first, or whose GPU idles; "
        "TORCH_NCCL_TRACE_BUFFER_SIZE=2000 tells where each one is"
    ),
    "idle": "look for a lock or a queue that nobody serves: dead workers, a socket that is silent",
}
"""What comes first, by what the process does meanwhile."""


def loader_bound(facts: Facts) -> list[str]:
    """Return how to feed the model in time."""
    workers = facts.context.number("num_workers")
    share = facts.amount("loader-bound", "share")
    told = f" (it waits {share:.0%} of the time)" if isfinite(share) else ""
    steps = [
        f"more workers: {workers:.0f} to {max(2.0, workers * 2):.0f}{told}"
        if workers is not None
        else f"more workers{told}, as long as the CPU is not at its limit"
    ]
    return [
        *steps,
        "move decoding and augmentation out of the loop: cache, pre-compute, or do them on the GPU",
        "move the data to local storage, in larger files",
    ]


def gpu_starved(facts: Facts) -> list[str]:
    """Return what keeps a GPU waiting."""
    batch = facts.context.positive("batch_size")
    larger = f"a larger batch: {batch:.0f} to {2 * batch:.0f}" if batch else "a larger batch"
    return [
        "look at the wait for data first: log.batches(loader) measures it",
        f"{larger}, if memory is left",
        "fewer small kernels: torch.compile, fused optimizers, no .item() in the loop",
    ]


def gpu_memory_high(facts: Facts) -> list[str]:
    """Return how to free memory."""
    batch, accumulation = facts.context.positive("batch_size"), facts.context.accumulation
    half = (
        f"batch {batch:.0f} to {batch / 2:.0f} with accumulation {2 * accumulation:.0f}"
        if batch and batch > 1
        else "half the batch with twice the accumulation"
    )
    return [half, "activation checkpointing, bfloat16, a sharded optimizer state"]


def out_of_memory(facts: Facts) -> list[str]:
    """Return how to go on with less memory."""
    step = facts.amount("crashed", "checkpoint_step")
    back = [f"go on from the checkpoint of step {step:,.0f}"] if isfinite(step) else []
    told = [str(facts.evidence("crashed", key) or "") for key in ("type", "message")]
    if facts.evidence("crashed", "speaks_of") == "shared memory":
        return [
            "more shared memory: docker run --shm-size=16g, or a larger /dev/shm",
            "fewer workers, a smaller prefetch, or set_sharing_strategy('file_system')",
            *back,
        ]
    if facts.of("crashed") and is_of_host(*told):
        return [
            "look at the memory of the host: dmesg, the scheduler's log, sys/rss of the last steps",
            "fewer workers, a smaller prefetch, data that is read as it is needed",
            "ask for more memory of the host",
            *back,
        ]
    return [
        *gpu_memory_high(facts),
        "look for the longest sample: batches of one length bound it",
        *back,
    ]


def memory_leak(facts: Facts) -> list[str]:
    """Return what holds memory that is not needed."""
    del facts
    return [
        "do not keep tensors of the graph: append loss.item(), not loss",
        "look for lists that grow with the steps: metrics, caches, logged images",
        "workers: persistent_workers with arrays instead of lists of Python objects",
    ]


def gpu_throttled(facts: Facts) -> list[str]:
    """Return how to cool a GPU."""
    reason = facts.evidence("gpu-throttled", "reason")
    told = f" ({reason})" if reason else ""
    return [f"look at cooling and the power limit{told}", "move the job to another machine"]


def throughput_regression(facts: Facts) -> list[str]:
    """Return what may have become slower."""
    explained = facts.evidence("throughput-regression", "explained_by")
    first = (
        f"{explained} explains it: look there first"
        if explained
        else ("compare with the start: neighbours on the machine, clocks, lengths of the batches")
    )
    return [first, "profile 20 steps now and 20 after a restart"]


def straggler_rank(facts: Facts) -> list[str]:
    """Return which rank to look at."""
    rank = facts.evidence("straggler-rank", "rank")
    host = facts.evidence("straggler-rank", "host")
    where = f"rank {rank:.0f}" if isinstance(rank, (int, float)) else "the slow rank"
    at = f" on {host}" if host else ""
    return [f"look at clocks, neighbours and storage of {where}{at}", "swap that machine out"]


def rank_desync(facts: Facts) -> list[str]:
    """Return how to make replicas equal again."""
    del facts
    return [
        "broadcast the weights from rank 0, and compare checksums each epoch",
        "look for code that runs on some ranks only, unused parameters, and seeds",
    ]


def resume_jump(facts: Facts) -> list[str]:
    """Return what was not restored."""
    before, after = (facts.amount("resume-jump", key) for key in ("lr_before", "lr_after"))
    steps = []
    if isfinite(before) and isfinite(after) and before > 0 and not 2 / 3 < after / before < 3 / 2:
        steps.append(f"restore the scheduler: lr was {before:.3g} and is {after:.3g}")
    return [
        *steps,
        "save and load optimizer, scheduler, scaler and the place in the data with the weights",
        "compare the loss of one batch before saving and after loading",
    ]


def process_died(facts: Facts) -> list[str]:
    """Return where to look for what ended a process, and where to go on."""
    step = facts.amount("crashed", "checkpoint_step")
    back = (
        f"go on from the checkpoint of step {step:,.0f}"
        if isfinite(step)
        else ("go on from the last checkpoint")
    )
    rank, host = (facts.evidence("rank-desync", key) for key in ("rank", "host"))
    where = f" of rank {rank:.0f}" if isinstance(rank, (int, float)) else ""
    on = f" on {host}" if where and host else ""
    return [
        f"look at dmesg and the scheduler's log{where}{on}: killed for memory, time or preemption",
        back,
    ]
