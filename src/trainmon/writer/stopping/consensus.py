"""One decision for all ranks: the one of rank 0, so that none waits for another that has left.

It goes through the store by which the ranks have found each other, and not by a collective: one
that not all ranks take part in would be taken for the next one of the training's own, and hang it
or spoil its gradients. torch is not imported: a process that belongs to a group of its has done so.
"""

import sys
from itertools import count
from typing import Any

_DECIDERS = count()
"""Numbers those who decide in this process, which make them in the same order on all ranks."""

_KEPT = 1_000
"""Decisions that stay in the store, where each takes some 100 bytes: no rank is farther behind."""


class Consensus:
    """Asks rank 0, time after time, under names that no earlier question had."""

    def __init__(self) -> None:
        self._prefix = f"trainmon/should_stop/{next(_DECIDERS)}"
        self._asked = 0

    def __call__(self, decision: bool) -> bool:  # noqa: FBT001 - the one thing that it is about
        """Return the decision that rank 0 calls this with the same time; alone, the own one.

        Rank 0 says what it has decided and goes on at once, whether anyone asks or not. The others
        wait until it has said so, some 0.2 ms if it has. Raises what torch raises, such as when
        rank 0 says nothing within the timeout of the store.
        """
        distributed: Any = sys.modules.get("torch.distributed")
        if distributed is None or not distributed.is_available():
            return decision
        if not distributed.is_initialized() or distributed.get_world_size() == 1:
            return decision
        store: Any = distributed.distributed_c10d._get_default_store()  # noqa: SLF001 - the only way
        self._asked += 1
        name = f"{self._prefix}/{self._asked}"
        if distributed.get_rank() == 0:
            store.set(name, str(int(decision)))
            if self._asked > _KEPT:
                store.delete_key(f"{self._prefix}/{self._asked - _KEPT}")
            return decision
        return bool(int(store.get(name)))
