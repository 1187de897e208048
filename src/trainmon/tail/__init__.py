"""From bytes on disk to whole lines: follow files and folders that anyone can write.

``Scanner`` finds the files, ``Schedule`` says which one is due, ``Follower`` gives its new lines,
``Wake`` cuts the wait short. Nothing here knows what a line means, and no file name, link, pipe
or device in a folder of logs can hang or break it.
"""

from trainmon.tail.folder import Found, LogFolder, Scanner
from trainmon.tail.follower import Chunk, Follower
from trainmon.tail.natural import natural_key
from trainmon.tail.open_files import OpenFiles
from trainmon.tail.regular import open_regular
from trainmon.tail.schedule import Schedule
from trainmon.tail.wake import Wake

__all__ = [
    "Chunk",
    "Follower",
    "Found",
    "LogFolder",
    "OpenFiles",
    "Scanner",
    "Schedule",
    "Wake",
    "natural_key",
    "open_regular",
]
