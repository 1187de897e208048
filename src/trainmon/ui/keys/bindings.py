"""Keys and what they do, read from the bindings: for the footer, the help and the README."""

from collections.abc import Iterator

from textual.binding import Binding
from textual.dom import DOMNode

_SPELLED = {
    "slash": "/",
    "question_mark": "?",
    "escape": "esc",
    "enter": "↵",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "asterisk": "*",
    "comma": ",",
    "full_stop": ".",
}


def spelled(key: str) -> str:
    """Return the keys of a binding as they stand on a keyboard.

    >>> spelled("down,j")
    '↓ j'
    """
    return " ".join(_SPELLED.get(part, part) for part in key.split(","))


def bindings_of(*nodes: type[DOMNode]) -> Iterator[Binding]:
    """Yield the bindings that these classes declare, and those of ours that they are made from.

    A key that a class declares anew does there what that class says.
    """
    seen: set[type] = set()
    for node in nodes:
        taken: set[str] = set()
        for base in node.__mro__:
            if base in seen or not base.__module__.startswith(_OURS):
                continue
            seen.add(base)
            bindings = [b for b in base.__dict__.get("BINDINGS", ()) if isinstance(b, Binding)]
            yield from (binding for binding in bindings if binding.key not in taken)
            taken.update(binding.key for binding in bindings)


_OURS = f"{__name__.partition('.')[0]}."
"""Where our own classes are defined: keys of Textual's do nothing here."""


def explained_keys(*nodes: type[DOMNode]) -> list[tuple[str, str]]:
    """Return keys and what they do in words."""
    return [
        (spelled(binding.key), binding.tooltip or binding.description)
        for binding in bindings_of(*nodes)
    ]


def shown_keys(*nodes: type[DOMNode]) -> list[tuple[str, str]]:
    """Return keys and short names of what is worth a place on the screen."""
    found = bindings_of(*nodes)
    return [(spelled(binding.key), binding.description) for binding in found if binding.show]
