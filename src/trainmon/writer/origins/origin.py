"""Where a run comes from: the commit of its code, its command line, the versions of its libraries.

Two runs that should be alike and are not often differ in one of these.
"""

# ruff: noqa: PTH120 - pathlib costs 4 ms to import

import os
import sys

from trainmon.writer.origins.command import masked
from trainmon.writer.origins.commit import Commit, commit_of
from trainmon.writer.origins.versions import versions
from trainmon.writer.plain import Plain


def origin() -> dict[str, Plain]:
    """Return what a header tells of this process's origin; what cannot be told is left out.

    The commit is that of the repository in which the script lies, else of the working folder's.

    >>> "python" in origin()["versions"]
    True
    """
    fields: dict[str, Plain] = {"versions": {**versions()}, "command": [*masked(sys.orig_argv)]}
    if (commit := _commit()) is not None:
        fields["commit"] = {"id": commit.id, "branch": commit.branch}
    return fields


def _commit() -> Commit | None:
    # A notebook has no script, and that of an installed command is in no repository of its user.
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    of_script = commit_of(os.path.dirname(script)) if isinstance(script, str) else None
    return of_script or commit_of(".")
