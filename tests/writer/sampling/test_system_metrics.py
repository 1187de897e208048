"""``Writer(system_metrics=...)``, for real: what stands in the log, and what it costs a script."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.probes.test_nvml_stub import COMPILER, compiled
from trainmon import Writer
from trainmon.errors import WriterError

Read = Callable[[Path], list[dict[str, Any]]]

TRAINING = """
import sys, time
from trainmon import Writer

with Writer(sys.argv[1], system_metrics=0.1) as log:
    began, step = time.monotonic(), 0
    while open(log.path).read().count('"sys/cpu":') < 3 and time.monotonic() < began + 30:
        step += 1
        log.log({"train/loss": 1.0}, step=step)
        time.sleep(0.01)
print(*{"numpy", "textual", "torch"} & set(sys.modules))
"""

RANK_1 = """
import sys, time
from trainmon import Writer

with Writer(sys.argv[1], system_metrics=0.1) as log:
    began = time.monotonic()
    while open(log.path).read().count('"sys/rss":') < 3 and time.monotonic() < began + 30:
        time.sleep(0.01)
"""

FORKING = """
import os, sys
from trainmon import Writer

with Writer(sys.argv[1], system_metrics=0.1) as log:
    child = os.fork()
    log.log({"in_child": child == 0}, step=1)
    if child == 0:
        sys.exit()
    os.waitpid(child, 0)
"""

UNCLOSED = "import sys, trainmon; trainmon.Writer(sys.argv[1], system_metrics=0.1).log(loss=0.5)"

HANGING = """
import sys, time
from trainmon import Writer

with Writer(sys.argv[1], system_metrics=0.1) as log:
    began = time.monotonic()
    told = lambda: open(log.path).read().partition("\\n")[2]  # the header holds this script
    while "hangs" not in told() and time.monotonic() < began + 30:
        log.log({"train/loss": 1.0}, step=1)
        time.sleep(0.05)
"""


def test_the_machine_stands_in_the_log_on_lines_that_tell_no_step(
    folder: Path, read: Read, run_script: Callable[..., str]
) -> None:
    assert run_script(TRAINING, folder).strip() == ""
    lines = read(folder / "rank0.jsonl")
    machine = [line for line in lines if "sys/rss" in line]
    assert len(machine) >= 3
    assert not any("step" in line or "train/loss" in line for line in machine)
    assert machine[0]["sys/rss"] > 1e6
    assert machine[0]["sys/mem_total"] > machine[0]["sys/mem_used"]
    assert 0 <= machine[-1]["sys/cpu"] <= 1
    assert machine[-1]["sys/process/stopped"] == 0
    times = [line["time"] for line in lines]
    assert times == sorted(times)
    assert lines[-1]["event"] == "finish"


def test_each_rank_tells_itself_and_the_first_of_a_node_the_host(
    folder: Path, read: Read, run_script: Callable[..., str]
) -> None:
    place = {"RANK": "5", "WORLD_SIZE": "8", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "4"}
    run_script(f"import os; os.environ |= {place}\n{RANK_1}", folder)
    machine = [line for line in read(folder / "rank5.jsonl") if "sys/rss" in line]
    assert machine
    assert not any("sys/cpu" in line for line in machine)


def test_without_it_no_probe_is_loaded_and_no_thread_begun(
    folder: Path, run_script: Callable[..., str]
) -> None:
    code = (
        "import sys, threading, trainmon; log = trainmon.Writer(sys.argv[1]); log.log(loss=0.5);"
        "print(threading.active_count(), *{'psutil', 'pynvml'} & set(sys.modules))"
    )
    assert run_script(code, folder).split() == ["1"]


def test_a_forked_child_neither_samples_nor_ends_the_sampling(
    folder: Path, read: Read, run_script: Callable[..., str]
) -> None:
    run_script(FORKING, folder)
    lines = read(folder / "rank0.jsonl")
    assert sorted(line["in_child"] for line in lines if "in_child" in line) == [False, True]
    assert [line["event"] for line in lines if "event" in line] == ["finish"]


def test_a_script_that_ends_without_a_word_ends(
    folder: Path, read: Read, run_script: Callable[..., str]
) -> None:
    run_script(UNCLOSED, folder)
    assert any("loss" in line for line in read(folder / "rank0.jsonl"))


def test_a_writer_that_is_finished_gets_no_more_samples(folder: Path) -> None:
    log = Writer(folder, system_metrics=0.1)
    log.finish()
    content = (folder / "rank0.jsonl").read_bytes()
    assert b'"event":"finish"' in content.splitlines()[-1]
    assert log.dropped == 0


@pytest.mark.skipif(COMPILER is None, reason="there is no C compiler on this machine")
def test_a_driver_that_never_answers_holds_up_neither_the_loop_nor_the_end(
    folder: Path, read: Read, tmp_path: Path
) -> None:
    driver = compiled(tmp_path)
    # The call never returns: who waits for it does not end, and runs out of time here.
    subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", HANGING, str(folder)],
        env=os.environ
        | {"LD_LIBRARY_PATH": str(driver), "NVML_STUB": "nvmlDeviceGetTemperature=hang"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    lines = read(folder / "rank0.jsonl")
    (note,) = [line for line in lines if line.get("event") == "note"]
    assert "GPU probe hangs since" in note["text"]
    assert sum("train/loss" in line for line in lines) > 10
    assert any("sys/cpu" in line for line in lines)


@pytest.mark.parametrize("wrong", [-1.0, 0.01, float("nan"), float("inf"), 1e10, "1"])
def test_an_interval_that_makes_no_sense_is_refused_with_a_hint(folder: Path, wrong: Any) -> None:  # noqa: ANN401 - whatever a script gives
    with pytest.raises(WriterError, match="system_metrics") as told:
        Writer(folder, system_metrics=wrong)
    assert "seconds between two samples" in told.value.hint


def test_zero_and_false_are_none_and_true_is_one_second(folder: Path) -> None:
    for number, off in enumerate((0, False)):
        with Writer(f"{folder}-{number}", system_metrics=off) as log:
            log.log({"train/loss": 1.0}, step=1)
        assert "sys/" not in Path(log.path).read_text()
    assert json.loads(Path(log.path).read_text().splitlines()[0])["trainmon"] == 1
