"""Threads, forks and deaths: lines stay whole, and none that was logged is missing."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from trainmon import Writer

Read = Callable[[Path], list[dict[str, Any]]]

FORKED = """
import os, sys
from trainmon import Writer

with Writer(sys.argv[1]) as log:
    child = os.fork()
    for step in range(500):
        log.log({"in_child": child == 0, "padding": 0.1}, step=step)
    if child == 0:
        sys.exit()
    os.waitpid(child, 0)
"""

TRAINING = """
import sys
import torch
from torch import nn
from trainmon import Writer

torch.set_num_threads(1)
inputs, labels = torch.rand(1_797, 64), torch.randint(10, (1_797,))
model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
log = Writer(sys.argv[1])
step = 0
while True:
    batch = torch.randint(len(inputs), (32,))
    loss = nn.functional.cross_entropy(model(inputs[batch]), labels[batch])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    step += 1
    log.log({"train/loss": loss, "lr": 1e-3}, step=step)
    print(step, flush=True)
"""

LOADED = """
import sys
import trainmon

log = trainmon.Writer(sys.argv[1], config={"lr": 3e-4})
log.log({"train/loss": 0.5}, step=1)
log.finish()
print(*{"numpy", "torch", "textual", "psutil", "watchdog"} & set(sys.modules))
"""

UNCLOSED = "import sys, trainmon; trainmon.Writer(sys.argv[1]).log(loss=0.5)"


def test_threads_that_log_at_once_never_mix_their_lines(folder: Path, read: Read) -> None:
    metrics = {f"metric/{number}": 0.1 for number in range(50)}
    log = Writer(folder)
    with ThreadPoolExecutor(8) as pool:
        for step in range(2_000):
            pool.submit(log.log, metrics, step)
    log.finish()
    lines = read(folder / "rank0.jsonl")[1:-1]
    assert sorted(line["step"] for line in lines) == list(range(2_000))
    assert {len(line) for line in lines} == {52}


def test_a_forked_child_may_log_and_does_not_finish_the_run(
    folder: Path, read: Read, run_script: Callable[..., str]
) -> None:
    run_script(FORKED, folder)
    header, *lines, finish = read(folder / "rank0.jsonl")
    assert "trainmon" in header
    assert finish["event"] == "finish"
    for in_child in (True, False):
        assert [line["step"] for line in lines if line["in_child"] == in_child] == list(range(500))


def test_runs_that_start_at_once_never_share_a_folder(folder: Path, read: Read) -> None:
    command = [sys.executable, "-c", UNCLOSED, str(folder)]
    runs = [subprocess.Popen(command) for _ in range(4)]  # noqa: S603 - our own code
    assert [run.wait() for run in runs] == [0, 0, 0, 0]
    logs = sorted(folder.parent.glob("*/rank0.jsonl"))
    assert len(logs) == 4
    assert [len(read(path)) for path in logs] == [2, 2, 2, 2]


@pytest.mark.parametrize("steps_before", [1, 300])
def test_no_step_that_was_logged_is_missing_after_kill_9(folder: Path, steps_before: int) -> None:
    command = [sys.executable, "-c", TRAINING, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as training:  # noqa: S603 - our own code
        assert training.stdout is not None
        reported = [int(training.stdout.readline()) for _ in range(steps_before)]
        training.kill()
        reported += [int(line) for line in training.stdout]
    assert training.returncode == -signal.SIGKILL
    content = (folder / "rank0.jsonl").read_bytes()
    assert content.endswith(b"\n")
    logged = [json.loads(line)["step"] for line in content.splitlines()[1:]]
    assert logged == list(range(1, len(logged) + 1))
    assert logged[: len(reported)] == reported


def test_the_writer_loads_nothing_that_a_training_script_may_do_without(
    folder: Path, run_script: Callable[..., str]
) -> None:
    assert run_script(LOADED, folder) == "\n"


def test_the_example_logs_its_training(folder: Path, read: Read) -> None:
    example = Path(__file__).parents[1] / "examples" / "digits.py"
    subprocess.run([sys.executable, example, folder, "3"], check=True)  # noqa: S603 - our own code
    header, *lines, finish = read(folder / "rank0.jsonl")
    assert header["config"] == {"epochs": 3, "clip": 1.0}
    assert finish["status"] == "finished"
    metrics = [line for line in lines if "event" not in line]
    losses = [line["val/loss"] for line in metrics if "val/loss" in line]
    assert len(losses) == 3
    assert losses[2] < losses[0]
    assert set(metrics[1]) == {
        *("train/loss", "lr", "grad_norm", "data_time", "step_time", "samples"),
        *("step", "time"),
    }
    told = {line["event"] for line in lines if "event" in line}
    assert told == {"config", "inputs", "outputs", "evaluation", "checkpoint"}
    name = "data/distinct_fraction"
    assert {line[name] for line in metrics if name in line} == {1.0}
