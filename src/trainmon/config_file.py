"""Where a person's own configuration of trainmon is."""

import os
from pathlib import Path


def config_path() -> Path:
    """Return where the file is, whether or not it exists."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    # The specification has relative paths ignored.
    folder = Path(base) if os.path.isabs(base) else Path.home() / ".config"  # noqa: PTH117 - an empty text is no path
    return folder / "trainmon" / "config.toml"
