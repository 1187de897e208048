"""Which GPUs a process may use, as its ``CUDA_VISIBLE_DEVICES`` tells."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """A GPU as it is named here and by its driver, or an instance of a partitioned one."""

    name: str
    """``gpu0``, or ``gpu0/mig1``."""
    uuid: str = ""
    instances: tuple["Card", ...] = ()
    """The MIG instances of a card that is partitioned."""


def visible(cards: Sequence[Card], value: str | None) -> tuple[str, ...]:
    """Return the names of the cards that a process sees, in the order in which it numbers them.

    `value` is its ``CUDA_VISIBLE_DEVICES``, None where it is not set: numbers in the order of the
    bus, UUIDs or unique beginnings of them, UUIDs of MIG instances. As in CUDA, what follows a
    name that fits nothing is not seen, nothing is seen if one is named twice, and of the instances
    of a partitioned card a process sees one. CUDA C++ Programming Guide, environment variables.

    >>> cards = [Card("gpu0", "GPU-1f"), Card("gpu1", "GPU-2a")]
    >>> visible(cards, "1,0"), visible(cards, "GPU-2"), visible(cards, "0,7,1"), visible(cards, "")
    (('gpu1', 'gpu0'), ('gpu1',), ('gpu0',), ())
    """
    if value is None:
        return _all(cards)
    seen: list[str] = []
    for word in value.split(","):
        name = _named(cards, word.strip())
        if not name:
            break
        if name in seen:
            return ()
        seen.append(name)
        if "/" in name:
            break
    return tuple(seen)


def _all(cards: Sequence[Card]) -> tuple[str, ...]:
    """Return what is seen without a choice: all cards, or the first instance of the first one."""
    for card in cards:
        if card.instances:
            return (card.instances[0].name,)
    return tuple(card.name for card in cards)


def _named(cards: Sequence[Card], word: str) -> str:
    """Return the name of the card that a word means; empty if it means none, or several."""
    if word.isdecimal():
        if int(word) >= len(cards):
            return ""
        card = cards[int(word)]
        return card.instances[0].name if card.instances else card.name
    if word.startswith("MIG-GPU-"):
        return _by_instance_numbers(cards, word)
    if not word.startswith(("GPU-", "MIG-")):
        return ""
    every = [*cards, *(part for card in cards for part in card.instances)]
    found = [card.name for card in every if card.uuid and card.uuid.startswith(word)]
    return found[0] if len(found) == 1 else ""


def _by_instance_numbers(cards: Sequence[Card], word: str) -> str:
    """Return the instance that the older spelling means: ``MIG-GPU-<uuid>/<instance>/<part>``.

    Drivers before R470 tell their instances so, and then the UUID is the same word.
    """
    found = [part.name for card in cards for part in card.instances if part.uuid == word]
    return found[0] if len(found) == 1 else ""
