"""Runs that an exception ends."""

from math import isfinite

from tests.evaluation.recipe import FaultRecipe, Twist
from tests.evaluation.training.machine import GIB, Machine, watched
from tests.evaluation.training.outcome import Outcome
from tests.evaluation.training.training import CrashError, Training

OUT_OF_MEMORY = (
    "CUDA out of memory. Tried to allocate 1.18 GiB. GPU 0 has a total capacity of 23.99 GiB of "
    "which 310.00 MiB is free. Including non-PyTorch memory, this process has 23.67 GiB in use. "
    "If reserved but unallocated memory is large try setting "
    "PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation."
)
TIMEOUT = (
    "[Rank 0] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=48122, "
    "OpType=ALLREDUCE, NumelIn=26214400, NumelOut=26214400, Timeout(ms)=600000) ran for 600029 "
    "milliseconds before timing out."
)


def ends(at: float, kind: str, message: str) -> Twist:
    """Return a twist by which an exception ends the run at a share of it."""

    def twist(training: Training) -> None:
        last = round(at * training.total_steps)
        training.onset = last

        def act(step: int) -> None:
            if step == last:
                raise CrashError(kind, message)

        training.after_step.append(act)

    return twist


def refuses_nan(training: Training) -> None:
    """Raise where a prediction is not finite, before anything of the step is logged."""

    def look(step: int) -> None:
        gradients = (p.grad for p in training.model.parameters() if p.grad is not None)
        if not all(isfinite(float(gradient.sum())) for gradient in gradients):
            training.onset = 0.0
            raise CrashError("ValueError", f"Non-finite values in predicted vectors, step {step}")

    training.on_gradients.append(look)


def hundreds_of_ranks(training: Training) -> None:
    """Say that eight processes train together."""
    training.config["world_size"] = 8


def crashed(outcome: Outcome) -> bool:
    """Return whether an exception was told, after enough of a run to see what led there."""
    told = any(r.get("event") == "exception" for r in outcome.records)
    return told and len(outcome.losses) >= 60 and len(outcome.val_losses) >= 2


RECIPES = (
    FaultRecipe(
        name="card-memory-runs-out",
        says="a longer batch does not fit on the card any more",
        tasks=("digits", "characters", "tumours", "glyphs"),
        twists=(
            watched(Machine(card_used=lambda p: (21.6 + min(2.2, 4 * p)) * GIB)),
            ends(0.55, "torch.OutOfMemoryError", OUT_OF_MEMORY),
        ),
        rules=frozenset({"crashed"}),
        causes=("out-of-memory",),
        check=crashed,
    ),
    FaultRecipe(
        name="host-memory-runs-out",
        says="a leak ends in a worker that the system kills",
        tasks=("yields", "screening", "tumours", "payments"),
        twists=(
            watched(Machine(rss=lambda p: (5 + 75 * p) * GIB)),
            ends(
                0.68,
                "RuntimeError",
                "DataLoader worker (pid 48121) is killed by signal: Killed. It is possible that "
                "dataloader's workers are out of shared memory.",
            ),
        ),
        rules=frozenset({"crashed", "memory-leak"}),
        causes=("memory-leak", "out-of-memory"),
        check=crashed,
    ),
    FaultRecipe(
        name="nan-refused",
        says="the rate is far too high, and an assertion ends the run at the first NaN",
        tasks=("yields", "sketches"),
        settings={"optimizer": "sgd", "lr": 4.0, "clip": None, "warmup": 0.5, "weight_decay": 0.0},
        twists=(refuses_nan,),
        rules=frozenset(
            {
                "clip-saturation",
                "crashed",
                "grad-explosion",
                "loss-divergence",
                "loss-spike",
                "metric-collapse",
                "non-finite",
                "not-learning",
                "update-ratio",
            }
        ),
        causes=("lr-too-high",),
        check=crashed,
    ),
    FaultRecipe(
        name="collective-times-out",
        says="a collective waits ten minutes for a rank that does not come",
        tasks=("digits", "characters", "glyphs", "reversal"),
        twists=(hundreds_of_ranks, ends(0.6, "torch.distributed.DistBackendError", TIMEOUT)),
        rules=frozenset({"crashed"}),
        causes=("hang", "straggler-rank", "process-died"),
        check=crashed,
    ),
)
