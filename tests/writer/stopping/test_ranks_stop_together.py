"""Ranks of a real process group leave the loop at the same time, whoever has logged what."""

import subprocess
import sys
from pathlib import Path

RANK = """
import os, sys
from datetime import timedelta
import torch.distributed as dist
from trainmon import Writer
from trainmon.writer.stopping import Decision
from trainmon.writer.stopping.terms import Terms

rank, meeting_point, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3]
store = dist.FileStore(meeting_point, 2)
dist.init_process_group("gloo", store=store, rank=rank, world_size=2)
with Writer(folder, rank=rank, world_size=2) as log:
    decision = Decision(log, rank=rank)
    if rank == 0:
        decision.add(Terms("val/f1", "max", patience=2))
    for epoch, f1 in enumerate([0.5, 0.6, 0.5, 0.4, 0.3, 0.2]):
        if rank == 0:
            log.log({"val/f1": f1}, step=epoch)
        if decision.ask():
            break
    print(epoch)
    if rank == 1:  # rank 0 has left: nobody will answer
        store.set_timeout(timedelta(seconds=0.5))
        print(Decision(log, rank=rank).ask(), flush=True)
        os._exit(0)  # torch may abort a process that leaves a broken group in order
dist.destroy_process_group()
"""


def test_all_ranks_leave_at_the_read_at_which_rank_0_decides(tmp_path: Path) -> None:
    arguments = [str(tmp_path / "meeting point"), str(tmp_path / "run")]
    ranks = [
        subprocess.Popen(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-c", RANK, str(rank), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in (0, 1)
    ]
    outputs = [rank.communicate(timeout=120) for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0], outputs
    assert [stdout.split() for stdout, _ in outputs] == [["3"], ["3", "False"]]
    assert "stopping: val/f1 has not become better for 2 evaluations" in outputs[0][1]
    assert "stopping:" not in outputs[1][1]
    assert "the ranks cannot agree on stopping" in outputs[1][1]


ALONE = """
import sys
import torch
import torch.distributed as dist
from trainmon import Writer

rank, meeting_point, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3]
dist.init_process_group("gloo", init_method=f"file://{meeting_point}", rank=rank, world_size=2)
log = Writer(folder, rank=0) if rank == 0 else None
for step in range(3):
    gradient = torch.tensor([rank + 1.0])
    dist.all_reduce(gradient)
    if log is not None and log.should_stop:
        break
print(gradient.item())
dist.destroy_process_group()
"""


def test_a_rank_that_alone_has_a_writer_neither_hangs_nor_spoils_the_gradients(
    tmp_path: Path,
) -> None:
    arguments = [str(tmp_path / "meeting point"), str(tmp_path / "run")]
    command = [sys.executable, "-c", ALONE]
    ranks = [
        subprocess.Popen([*command, str(rank), *arguments], stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own interpreter and code
        for rank in (0, 1)
    ]
    assert [rank.communicate(timeout=60)[0] for rank in ranks] == ["3.0\n", "3.0\n"]
