"""crashed: exceptions, failures that were told, and processes that are gone."""

import pytest

from tests.rules.schedules import events
from trainmon.judge import Judge
from trainmon.liveness import Process
from trainmon.rule import Event, Moment
from trainmon.rules import load
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane

RULE = "crashed"

STEPS: list[Record] = [{"step": s, "time": 1e9 + s, "train/loss": 1.0} for s in range(20)]


def _look(records: list[Record], process: Process, later: float = 60.0) -> Event | None:
    lane = Lane()
    lane.append(batch_of(records))
    judge = Judge(lane, [load(RULE)], strict=True)
    judge.advance()
    return judge.live(Moment(1e9 + 20 + later, process))[RULE]


def test_a_place_in_the_source_of_a_library_does_not_hide_what_happened() -> None:
    message = "[/src/gloo/transport/tcp/pair.cc:553] Connection closed by peer [10.0.0.7]:4080"
    (event,) = events(RULE, [*STEPS, {"event": "exception", "type": "E", "message": message}])
    assert event.title == "E ended the run: Connection closed by peer [10.0.0.7]:4080"
    assert event.evidence["message"] == message


@pytest.mark.parametrize(
    ("message", "about"),
    [
        ("CUDA out of memory. Tried to allocate 20 MiB", "memory"),
        ("Non-finite values in predicted vectors", "not finite"),
        ("Watchdog caught collective operation timeout: WorkNCCL(SeqNum=7)", "collective"),
        ("DataLoader worker (pid 7) is killed by signal: Killed.", "worker"),
        ("[Errno 28] No space left on device", "disk"),
        ("list index out of range", "unknown"),
        ("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate", "memory"),
        ("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes", "memory"),
        ("Unable to allocate 12.0 GiB for an array with shape (40000, 40000)", "memory"),
        ("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`", "memory"),
        ("HIP out of memory. Tried to allocate 20 MiB", "memory"),
        ("MPS backend out of memory (MPS allocated: 17 GB)", "memory"),
        ("Invalid buffer size: 24.00 GB", "memory"),
        ("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 8 bytes", "memory"),
        ("OOM when allocating tensor with shape[32,512]", "memory"),
        ("terminate called after throwing an instance of 'std::bad_alloc'", "memory"),
        ("slurmstepd: error: Detected 1 oom_kill event in StepId=1.0", "memory"),
        ("worker is killed by signal: Bus error; out of shared memory", "shared memory"),
        ("unable to open shared memory object </torch_1> in read-write mode", "shared memory"),
        ("exit code: 137", "killed"),
        ("Target 10 is out of bounds.", "label"),
        ("device-side assert triggered (Assertion `t >= 0 && t < n_classes` failed)", "label"),
        ("CUDA error: device-side assert triggered", "assertion on the GPU"),
        ("Cannot assign requested address: failed to allocate a port", "unknown"),
        ("Function 'MulBackward0' returned nan values in its 0th output.", "not finite"),
        ("JOB 1 CANCELLED AT 2026-01-01T00:00:00 DUE TO TIME LIMIT", "interrupt"),
    ],
)
def test_an_exception_is_an_error_sorted_by_what_it_speaks_of(message: str, about: str) -> None:
    (event,) = events(RULE, [*STEPS, {"event": "exception", "type": "E", "message": message}])
    assert (event.severity.word, event.evidence["speaks_of"]) == ("error", about)
    assert message.rstrip(".")[-12:] in event.title


def test_the_last_checkpoint_is_named() -> None:
    checkpoint: Record = {"event": "checkpoint", "step": 12, "path": "a.pt"}
    log = [*STEPS[:13], checkpoint, *STEPS[13:], {"event": "exception", "type": "E"}]
    (event,) = events(RULE, log)
    assert event.evidence["checkpoint_step"] == 12
    assert "step 12" in event.title


def test_a_resume_clears_it() -> None:
    log = [*STEPS, {"event": "exception", "type": "E"}, {"event": "resume", "step": 12}]
    assert [event.kind.value for event in events(RULE, log)] == ["opened", "cleared"]


def test_a_failed_finish_is_told_and_a_good_one_is_not() -> None:
    assert events(RULE, [*STEPS, {"event": "finish", "status": "failed"}])
    assert not events(RULE, [*STEPS, {"event": "finish", "status": "finished"}])


def test_a_log_that_merely_ends_is_no_crash() -> None:
    assert not events(RULE, STEPS)
    assert _look(STEPS, Process.UNKNOWN) is None
    assert _look(STEPS, Process.ALIVE) is None


def test_a_process_that_is_gone_without_a_word_is_one_while_watched() -> None:
    assert _look(STEPS, Process.GONE) is not None
    assert _look(STEPS, Process.GONE, later=1.0) is None
    assert _look([*STEPS, {"event": "finish", "status": "finished"}], Process.GONE) is None
