"""What a person prefers, told in ``trainmon/config.toml`` under ``XDG_CONFIG_HOME``.

[roles]
train_loss = "my_loss"
val_metric = ["score/*:higher", "regret:lower"]

[settings]
num_classes = 10

[screen]
theme = "gruvbox"
glyphs = "blocks"
fps = 2
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainmon.config_file import config_path
from trainmon.configuration import Setting, settings_of
from trainmon.errors import TrainmonError, UnknownNameError, UsageError
from trainmon.roles import Override, Overrides, override, parsed_override
from trainmon.text import clean


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the file tells; empty where there is none."""

    roles: Overrides = field(default_factory=Overrides)
    settings: Mapping[str, Setting] = field(default_factory=dict)
    screen: Mapping[str, str] = field(default_factory=dict)
    """How the screen looks: its theme, its glyphs, its frames a second, as they are written."""


def preferences(path: Path | None = None) -> Preferences:
    """Return what a file tells, by default that of `config_path`; a missing one tells nothing.

    Raises `UsageError`, which names the file, where it is no TOML or tells nonsense.
    """
    path = path or config_path()
    try:
        content = tomllib.loads(path.read_text())
        roles = Overrides(tuple(_overrides(content.get("roles", {}))))
        screen = _screen(content.get("screen", {}))
        return Preferences(roles, _settings(content.get("settings", {})), screen)
    except FileNotFoundError:
        return Preferences()
    except (TrainmonError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{clean(str(path))}: {clean(str(error))}") from error


def role_overrides(told: Sequence[str]) -> Overrides:
    """Return what the options of a command say, and after it what the file says.

    Raises `UsageError` or `UnknownNameError` where an option makes no sense.
    """
    return Overrides((*map(parsed_override, told), *preferences().roles))


def told_settings(told: Sequence[str]) -> Mapping[str, Setting]:
    """Return the settings that the options of a command tell, above those of the file.

    Raises `UsageError` where an option is none.
    """
    given: dict[str, str] = {}
    for option in told:
        key, sign, value = option.partition("=")
        if not sign or not key.strip():
            raise UsageError(f"'{clean(option)}' is no setting", hint="--set num_classes=10")
        given[key.strip()] = value.strip()
    return {**preferences().settings, **settings_of(given)}


def _screen(screen: Mapping[str, Any]) -> Mapping[str, str]:
    if not isinstance(screen, dict):
        raise UsageError("[screen] is no table")
    unknown = next((key for key in screen if key not in SCREEN), None)
    if unknown is not None:
        raise UnknownNameError("[screen] option", clean(unknown), SCREEN)
    return {key: str(value) for key, value in screen.items()}


SCREEN = ("theme", "glyphs", "fps")
"""What [screen] may tell."""


def _settings(settings: Mapping[str, Any]) -> Mapping[str, Setting]:
    if not isinstance(settings, dict):
        raise UsageError("[settings] is no table")
    return settings_of(settings)


def _overrides(roles: Mapping[str, Any]) -> Iterator[Override]:
    if not isinstance(roles, dict):
        raise UsageError("[roles] is no table")
    for role, metrics in roles.items():
        for metric in metrics if isinstance(metrics, list) else [metrics]:
            if not isinstance(metric, str) or not metric:
                raise UsageError(f"the role {role} needs names of metrics")
            yield override(role, metric)
