"""Configuration files that lie beside logs, as far as settings are read from them."""

from typing import Any

import orjson

from trainmon.plain_yaml import mappings_in

SETTINGS_BYTES = 1 << 20
"""Bytes of a file that is read for settings (1 MiB): real ones have some kilobytes."""


def settings_in(content: bytes) -> dict[str, Any]:
    r"""Return the settings that a file of JSON or plain YAML holds; empty if it holds none.

    Of several documents the later ones count.

    >>> settings_in(b'{"lr": 0.1}'), settings_in(b"optim:\n  lr: 1e-3  # peak\n  name: adamw\n")
    ({'lr': 0.1}, {'optim': {'lr': 0.001, 'name': 'adamw'}})
    """
    try:
        settings = orjson.loads(content)
    except orjson.JSONDecodeError:
        return _from_yaml(content)
    return settings if isinstance(settings, dict) else {}


def _from_yaml(content: bytes) -> dict[str, Any]:
    text = content.decode(errors="replace").removeprefix("\ufeff")
    try:
        documents = mappings_in(text)
    except ValueError:  # no configuration of anything
        return {}
    return {name: value for document in documents for name, value in document.items()}
