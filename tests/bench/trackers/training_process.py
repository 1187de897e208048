"""A process that logs to one tracker on command: python -m ...training_process NAME FOLDER.

A command is a line of how many calls to make and how many seconds to wait before each; the answer
is a line of how long each took, in nanoseconds. It is given as soon as all calls have returned.
"""

import json
import os
import sys
import time
from pathlib import Path

from tests.bench.bench_log import METRICS
from tests.bench.trackers.every import TRACKERS


def main() -> None:
    """Begin a run, say so with an empty answer, and obey until the commands end."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # some trackers talk
    name, folder = sys.argv[1:]
    tracker = next(tracker for tracker in TRACKERS if tracker.name == name)
    log = tracker.start(Path(folder))
    step = 0
    answers.write("[]\n")
    answers.flush()
    for command in sys.stdin:
        calls, pause = command.split()
        durations = []
        for _ in range(int(calls)):
            if seconds := float(pause):
                time.sleep(seconds)
            start = time.perf_counter_ns()
            log(METRICS, step)
            durations.append(time.perf_counter_ns() - start)
            step += 1
        answers.write(f"{json.dumps(durations)}\n")
        answers.flush()


if __name__ == "__main__":
    main()
