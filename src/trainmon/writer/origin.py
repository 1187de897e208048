"""Where a run comes from: the commit of its code, its command line, the versions of its libraries.

Two runs that should be alike and are not often differ in one of these.
"""

# ruff: noqa: PTH100, PTH109, PTH120 - pathlib costs 4 ms to import

import os
import sys

from trainmon.writer.command import masked
from trainmon.writer.commit import commit_of
from trainmon.writer.plain import Plain
from trainmon.writer.versions import versions


def origin() -> dict[str, Plain]:
    """Return what a header tells of this process's origin; what cannot be told is left out.

    The commit is that of the repository in which the script lies, else of the working folder's.

    >>> "python" in origin()["versions"]
    True
    """
    fields: dict[str, Plain] = {"versions": {**versions()}}
    # There is none in an interpreter that is embedded in another program.
    if command := getattr(sys, "argv", None):
        fields["command"] = [*masked(command)]
    if (commit := _commit(command or [""])) is not None:
        fields["commit"] = commit
    return fields


def _commit(command: list[str]) -> Plain:
    try:
        folders = [os.path.dirname(os.path.abspath(command[0])), os.getcwd()]
    except OSError:  # the working folder is gone
        return None
    found = next((commit for folder in folders if (commit := commit_of(folder))), None)
    return None if found is None else {"id": found.id, "branch": found.branch}
