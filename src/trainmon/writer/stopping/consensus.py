"""One decision for all ranks: the one of rank 0, so that none waits for another that has left.

torch is not imported: a process that belongs to a group of its has done so.
"""

import sys
from typing import Any


def decided_by_rank_0(decision: bool) -> bool:  # noqa: FBT001 - the one thing that it is about
    """Return the decision that rank 0 calls this with; alone, the own one.

    Under torch.distributed it is one broadcast of four bytes in the default group, so all ranks
    must call it equally often. With gloo it takes a message between hosts. With NCCL rank 0 only
    queues a kernel, and the others wait until theirs has run, as ``loss.item()`` does. Raises what
    torch raises, such as when the others have not come within the group's timeout.
    """
    distributed: Any = sys.modules.get("torch.distributed")
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return decision
    if distributed.get_world_size() == 1:
        return decision
    torch: Any = sys.modules["torch"]
    # Filled on the device: a copy from the host would wait for all that is queued there.
    flag = torch.full((1,), int(decision), dtype=torch.int32, device=_device(distributed))
    distributed.broadcast(flag, src=0)
    return decision if distributed.get_rank() == 0 else bool(flag.item())


def _device(distributed: Any) -> str:  # noqa: ANN401 - torch is not imported here
    """Return the type of device that the group talks over: the host's if it can.

    An accelerator without a number is the current one of the process.
    """
    pairs = distributed.get_backend_config().split(",")  # such as cpu:gloo,cuda:nccl
    devices = [str(pair.partition(":")[0]) for pair in pairs]
    return "cpu" if "cpu" in devices else devices[0]
