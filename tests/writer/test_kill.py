"""What ``log()`` has returned from is in the file, however the process dies and at what pace."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

LOGGING = """
import itertools, os, sys, time
from trainmon import Writer

log, period = Writer(sys.argv[1]), float(sys.argv[2])
for step in itertools.count(1):
    log.log({"train/loss": 1 / step, "lr": 3e-4, "grad_norm": float("nan")}, step=step)
    os.write(1, b"%d\\n" % step)  # tells of the step what the file must hold from now on
    time.sleep(period)
"""


@pytest.mark.parametrize(
    ("period", "steps"),
    [
        pytest.param(0.0, 1, id="at its first step"),
        pytest.param(0.0, 5_000, id="at full speed"),
        pytest.param(0.01, 60, id="at 100 Hz"),
        pytest.param(0.2, 6, id="at 5 Hz"),
    ],
)
def test_every_record_that_was_logged_outlives_kill_9(
    tmp_path: Path, period: float, steps: int
) -> None:
    command = [sys.executable, "-c", LOGGING, str(tmp_path / "run"), str(period)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as training:  # noqa: S603 - our own code
        assert training.stdout is not None
        reported = [int(training.stdout.readline()) for _ in range(steps)]
        training.kill()
        reported += map(int, training.stdout)  # told between the last one read and the kill
    assert training.returncode == -signal.SIGKILL
    content = (tmp_path / "run" / "rank0.jsonl").read_bytes()
    logged = [json.loads(line)["step"] for line in content.splitlines()[1:]]
    assert content.endswith(b"\n")
    assert logged[: len(reported)] == reported
    assert len(logged) - len(reported) in {0, 1}  # one may be written and not yet reported
