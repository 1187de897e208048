"""Exceptions on consoles: told where they end the output, and not where the training goes on."""

import pytest

from trainmon.judge import Decision, Judge
from trainmon.rules import load
from trainmon.sources.key_value import KeyValueSource
from trainmon.store.lane import Lane

STEPS = "".join(f"INFO step {step} loss {1 / step:.5f} lr 0.001\n" for step in range(1, 40))
FRAMES = """Traceback (most recent call last):
  File "train.py", line 212, in <module>
    main()
  File "train.py", line 171, in main
    loss.backward()
"""
OUT_OF_MEMORY = f"{FRAMES}torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB.\n"


def _decided(text: str, cut: int = 0) -> list[Decision]:
    data, source, lane = text.encode(), KeyValueSource(), Lane()
    pieces = [data[at : at + (cut or len(data))] for at in range(0, len(data), cut or len(data))]
    parts = [part for piece in pieces for part in source.read(piece)]
    for part in (*parts, *source.finish()):
        lane.append(part.batch)
    return Judge(lane, [load("crashed")], strict=True).advance()


@pytest.mark.parametrize("cut", [0, 7, 64])
def test_an_exception_that_ends_the_output_is_a_crash(cut: int) -> None:
    (crash,) = _decided(STEPS + OUT_OF_MEMORY, cut)
    assert crash.event.evidence["type"] == "OutOfMemoryError"
    assert crash.event.evidence["speaks_of"] == "memory"


def test_one_that_was_caught_is_none() -> None:
    more = "".join(f"INFO step {step} loss {1 / step:.5f} lr 0.001\n" for step in range(40, 60))
    assert not _decided(STEPS + OUT_OF_MEMORY + more)


def test_of_several_the_first_tells_what_the_others_come_from() -> None:
    launcher = f"{FRAMES}torch.distributed.elastic.errors.ChildFailedError:\n"
    said = "\nDuring handling of the above exception, another exception occurred:\n\n"
    (crash,) = _decided(STEPS + OUT_OF_MEMORY + said + FRAMES + "RuntimeError: lost\n" + launcher)
    assert crash.event.evidence["type"] == "OutOfMemoryError"


def test_a_person_who_interrupts_a_run_knows_of_it() -> None:
    assert not _decided(f"{STEPS}{FRAMES}KeyboardInterrupt\n")


def test_a_line_that_resembles_an_exception_is_none_without_its_frames() -> None:
    assert not _decided(f"{STEPS}ValueError: retried, and all is well\n")


@pytest.mark.parametrize(
    ("line", "about"),
    [
        ("Killed", "killed"),
        ("./run.sh: line 3: 4711 Killed                  python train.py", "killed"),
        ("slurmstepd: error: Detected 1 oom-kill event(s) in StepId=12.batch.", "memory"),
        (
            "slurmstepd: error: *** JOB 12 ON n1 CANCELLED AT 2026-01-01 DUE TO TIME LIMIT ***",
            "interrupt",
        ),
        ("terminate called after throwing an instance of 'std::bad_alloc'", "memory"),
        ("Segmentation fault (core dumped)", "unknown"),
    ],
)
def test_a_word_of_the_shell_or_the_scheduler_at_the_end_is_a_crash(line: str, about: str) -> None:
    (crash,) = _decided(f"{STEPS}{line}\n")
    assert crash.event.evidence["speaks_of"] == about
    assert not _decided(f"{STEPS}{line}\nINFO step 40 loss 0.5 lr 0.001\n")


def test_an_assertion_on_the_gpu_is_told_with_the_exception_that_follows_it() -> None:
    assertion = "Loss.cu:245: block: [0,0,0] Assertion `t >= 0 && t < n_classes` failed.\n"
    raised = f"{FRAMES}RuntimeError: CUDA error: device-side assert triggered\n"
    (crash,) = _decided(STEPS + 3 * assertion + raised)
    assert crash.event.evidence["speaks_of"] == "label"
    (crash,) = _decided(STEPS + raised)
    assert crash.event.evidence["speaks_of"] == "assertion on the GPU"
