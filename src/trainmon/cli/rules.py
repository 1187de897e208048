"""``trainmon rules``: the table of rules."""

import sys
from argparse import ArgumentParser, Namespace

SUMMARY = "list the rules: what each looks for and which signals it needs"


def configure(parser: ArgumentParser) -> None:
    """Add the arguments of this command: there are none."""
    del parser


def run(arguments: Namespace) -> int:
    """Print one line per rule."""
    del arguments
    from trainmon.rules import all_rules

    rules = all_rules()
    width = max(len(rule.id) for rule in rules)
    for rule in rules:
        needs = ", ".join(need.signal for need in rule.needs)
        sys.stdout.write(f"{rule.id:{width}}  {rule.summary}\n{'':{width}}  needs {needs}\n")
    return 0
