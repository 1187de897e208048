"""What a `ModelCheckpoint` has saved."""

from typing import Any


def checkpoint_fields(saver: Any) -> dict[str, Any]:  # noqa: ANN401 - the class exists under two names
    """Return the fields of a ``checkpoint`` event for the file that `saver` wrote last."""
    best = saver.best_model_path
    path = getattr(saver, "_last_checkpoint_saved", "") or saver.last_model_path or best
    fields: dict[str, Any] = {"path": path}
    if saver.monitor is not None:
        fields |= {
            "metric": saver.monitor,
            "value": saver.current_score,
            "best": path == best,
        }
    return fields
