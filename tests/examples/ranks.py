"""Trains a small model with torchrun, one process for each rank, and logs all of them.

    torchrun --nproc-per-node 4 ranks.py FOLDER [--slow RANK] [--dies RANK STEP]

What is to be seen of ranks comes from ``log.batches`` and ``log.watch``.
"""

import os
import signal
import time
from argparse import ArgumentParser

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler

from trainmon import Writer

STEPS, BATCH = 176, 8
SLOW = 0.012
"""Seconds that a slow rank needs more for each batch."""


def main() -> None:
    """Train for one epoch."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--slow", type=int, default=-1, help="a rank that needs longer")
    parser.add_argument("--dies", type=int, nargs=2, default=(-1, -1), help="a rank, and its step")
    options = parser.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(0)
    dist.init_process_group("gloo")
    rank, ranks = dist.get_rank(), dist.get_world_size()
    inputs = torch.randn(STEPS * BATCH * ranks, 16)
    data = TensorDataset(inputs, (inputs[:, 0] > 0).long())
    loader = DataLoader(data, BATCH, sampler=DistributedSampler(data))
    model = DistributedDataParallel(nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 2)))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    with Writer(options.folder) as log:
        log.watch(model, optimizer)
        for step, (x, y) in enumerate(log.batches(loader), start=1):
            loss = nn.functional.cross_entropy(model(x), y)
            if rank == options.slow:
                time.sleep(SLOW)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's own
            optimizer.step()
            log.log({"train/loss": loss}, step)
            if (rank, step) == tuple(options.dies):
                os.kill(os.getpid(), signal.SIGKILL)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
