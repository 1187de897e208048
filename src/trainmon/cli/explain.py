"""``trainmon explain``: the page of a rule, of a cause, or both."""

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the graph is loaded when the command runs
    from trainmon.causes.cause import Cause

SUMMARY = "print the page of a rule or of a cause"


def configure(parser: ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("id", metavar="ID", help="a rule or a cause, such as overfitting")


def run(arguments: Namespace) -> int:
    """Print what is known under this id."""
    from trainmon import rules
    from trainmon.causes.graph import BY_ID
    from trainmon.errors import UnknownNameError

    name = arguments.id
    pages = []
    if name in rules.names():
        pages.append(f"rule {name}\n\n{rules.page(name)}")
    if name in BY_ID:
        pages.append(_cause_page(BY_ID[name]))
    if not pages:
        raise UnknownNameError("rule or cause", name, {*rules.names(), *BY_ID})
    sys.stdout.write("\n\n".join(pages) + "\n")
    return 0


def _cause_page(cause: "Cause") -> str:
    lines = [f"cause {cause.id}", "", f"{cause.title[0].upper()}{cause.title[1:]}.", ""]
    signs = dict.fromkeys(sign.rule for sign in cause.signs)
    lines.append(f"Speaks for it: {', '.join(signs)}")
    effects = sorted(cause.effects - signs.keys())
    if effects:
        lines.append(f"It brings about: {', '.join(effects)}")
    if cause.rivals:
        lines.append(f"Rivals: {', '.join(cause.rivals)}")
    lines += [f"What decides: {cause.decider}", f"What would disprove it: {cause.disproof}"]
    return "\n".join(lines)
