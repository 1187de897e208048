"""What the monitor says of a run while a part of its log still waits to be read."""

import json
from pathlib import Path

from trainmon.liveness import Process
from trainmon.monitor import Monitor
from trainmon.view import Status

NOW = 1_000_000_000.0
RECORDS = 2_000


def test_a_log_that_is_still_being_read_has_not_stalled(tmp_path: Path) -> None:
    lines = [{"trainmon": 1, "time": NOW - RECORDS}]
    steps = range(RECORDS)
    lines += [{"step": n, "time": NOW - RECORDS + n, "train/loss": 1 / (1 + n)} for n in steps]
    (tmp_path / "rank0.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    monitor = Monitor([tmp_path], process=lambda _: Process.ALIVE, live=True, chunk=2_048)
    said = set()
    while monitor.step(NOW):
        said |= {(run.status, run.findings) for run in monitor.view.runs}
    assert said == {(Status.UNKNOWN, ())}
    monitor.step(NOW + 2)
    assert [(run.status, run.findings) for run in monitor.view.runs] == [(Status.RUNNING, ())]
