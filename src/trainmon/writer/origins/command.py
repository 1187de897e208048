"""The command line and the configuration of a training, as they may stand in a log: no secrets."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from trainmon.writer.origins.secret import MASK, is_secret_name, reveals_nothing, without_secrets
from trainmon.writer.plain import Plain, plain

ARGUMENTS_LIMIT: Final = 256
"""Arguments kept: the overrides of a large configuration fit, a list of all files does not."""

ARGUMENT_LIMIT: Final = 1_000
"""Characters kept of one argument."""

COMMAND_LIMIT: Final = 16_000
"""Characters kept of a command: a small part of what a header may have."""

_SCANNED = 2 * ARGUMENT_LIMIT
"""Characters of an argument that are looked at: a secret that crosses the limit is still whole."""

_ASSIGNMENT = re.compile(r"([-+~\w./@]+)=(.*)", re.DOTALL)
"""``--name=value``, ``NAME=value``, and the overrides of hydra and OmegaConf."""


def masked(argv: Iterable[object]) -> list[str]:
    """Return a command line with ``***`` for its secrets, cut to the limits; never raises.

    >>> masked(["train.py", "--lr=3e-4", "--api-key", "1234", "logger.token=1234"])
    ['train.py', '--lr=3e-4', '--api-key', '***', 'logger.token=***']
    """
    arguments = list(argv)
    texts = (str(plain(argument))[:_SCANNED] for argument in arguments[:ARGUMENTS_LIMIT])
    command: list[str] = []
    room = COMMAND_LIMIT
    for argument in _without_secrets(texts):
        if room == 0:
            break
        command.append(_cut(argument, min(ARGUMENT_LIMIT, room)))
        room -= len(command[-1])
    left = len(arguments) - len(command)
    return [*command, f"… and {left:,} more"] if left else command


def masked_settings(settings: Mapping[str, Plain], parent: str = "") -> dict[str, Plain]:
    """Return a configuration, which may be nested, with ``***`` for its secrets.

    Whatever goes by the name of a secret is one, be it a number, a list or a mapping; of other
    texts, what looks like one. `parent` is the name that the whole configuration goes by.

    >>> masked_settings({"lr": 3e-4, "wandb": {"api_key": "1234"}, "db": "sql://me:1234@host"})
    {'lr': 0.0003, 'wandb': {'api_key': '***'}, 'db': 'sql://me:***@host'}
    """
    return {name: _setting(f"{parent}.{name}", value) for name, value in settings.items()}


def _without_secrets(arguments: Iterable[str]) -> Iterator[str]:
    option = ""  # the one whose value comes next, if it has one
    for argument in arguments:
        if is_secret_name(option) and not _is_option(argument):
            yield argument if reveals_nothing(argument) else MASK
            option = ""
        else:
            yield _argument(argument, option)
            # In capitals as the overrides of yacs, which are parted from their values as well.
            option = argument if argument.startswith("-") or argument.isupper() else ""


def _is_option(argument: str) -> bool:
    """Return whether this is an option, such as ``-v``, not a value that begins with a dash."""
    return argument.startswith("--") or (argument.startswith("-") and len(argument) == len("-v"))


def _argument(argument: str, option: str) -> str:
    assignment = _ASSIGNMENT.fullmatch(argument)
    if assignment is None:
        return without_secrets(argument, option)
    name, value = assignment.groups()
    if not is_secret_name(name):
        return f"{name}={without_secrets(value, name)}"
    return argument if reveals_nothing(value) else f"{name}={MASK}"


def _setting(name: str, value: Plain) -> Plain:
    if isinstance(value, str):
        secret = is_secret_name(name) and not reveals_nothing(value)
        return MASK if secret else without_secrets(value, name)
    if not value or value is True:
        return value
    if is_secret_name(name):
        return MASK
    if isinstance(value, dict):
        return masked_settings(value, name.rpartition(".")[2])
    if isinstance(value, list):
        return [_setting(name, item) for item in value]
    return value


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
