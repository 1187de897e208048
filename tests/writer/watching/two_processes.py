"""One of two processes that train together, watched: python two_processes.py RANK FOLDER."""

import json
import sys
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.nn.parallel import DistributedDataParallel

from trainmon import Writer
from trainmon.writer.watching import Watch


def train(log: Writer, model: nn.Module, rank: int) -> float:
    """Make one step, clipped, on a batch of this rank; return the norm of the whole gradient."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    model(torch.full((2, 4), rank + 1.0)).square().mean().backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), 0.001)
    optimizer.step()
    log.log({"train/loss": 1.0}, step=1)
    log.finish()
    whole = norm.full_tensor() if hasattr(norm, "full_tensor") else norm
    return float(whole)


def model() -> nn.Module:
    """Return the same model in both processes."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))


def logged(folder: Path, rank: int) -> dict[str, Any]:
    """Return the one line of metrics."""
    lines = map(json.loads, (folder / f"rank{rank}.jsonl").read_text().splitlines())
    return next(line for line in lines if "train/loss" in line)


def main(rank: int, folder: Path) -> None:
    """Train with averaged gradients, then with sharded ones."""
    dist.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2)

    parallel = DistributedDataParallel(model())
    averaged = train(Writer(folder / "ddp", rank=rank, world_size=2), parallel, rank)
    line = logged(folder / "ddp", rank)
    assert abs(line["grad_norm"] - averaged) < 1e-5 * averaged, (line, averaged)
    assert line["work_time"] > 0, line

    sharded = model()
    fully_shard(sharded, mesh=init_device_mesh("cpu", (2,)))
    whole = train(Writer(folder / "fsdp", rank=rank, world_size=2), sharded, rank)
    line = logged(folder / "fsdp", rank)
    assert not {"grad_norm", "work_time"} & line.keys()
    assert 0 < line["grad_norm/local_shard"] < whole, (line, whole)

    dist.destroy_process_group()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
