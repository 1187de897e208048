"""The loss scale of mixed precision, read without waiting for the GPU that has it."""

from typing import Any

import torch
from torch import Tensor

from trainmon.writer.watching.norms import number


class Scaler:
    """Reads a `torch.amp.GradScaler`, whose own `get_scale` waits for the GPU."""

    def __init__(self, scaler: Any) -> None:  # noqa: ANN401 - torch has three classes of them, others more
        self._scaler = scaler
        self._last: Tensor | None = None
        self._skipped: Tensor | None = None

    def read(self) -> Tensor | None:
        """Return the scale as it is now (0-d, a copy), or None if nothing is scaled.

        To be called once per backward pass: a scale lower than at the last call tells of a step
        that was skipped in between.
        """
        scale = getattr(self._scaler, "_scale", None)
        if not isinstance(scale, Tensor) or not self._scaler.is_enabled():
            return None
        now = scale.detach().clone()  # torch changes it in place
        if self._last is None or self._skipped is None:
            self._skipped = torch.zeros_like(now)
        else:
            self._skipped = self._skipped + (now < self._last)
        self._last = now
        return now

    def metrics(self) -> dict[str, float | Tensor]:
        """Return the scale and the number of skipped steps as of the last reading."""
        if self._last is None or self._skipped is None:
            return {}
        return {"amp/scale": number(self._last), "amp/skipped": number(self._skipped)}
