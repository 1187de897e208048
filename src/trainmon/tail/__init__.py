"""From bytes on disk to their readers: follow files and folders that anyone can write.

``Scanner`` finds the files, ``Schedule`` says which one is due, ``Follower`` gives its new bytes,
``LineCutter`` cuts them where a format has lines,
``Wake`` cuts the wait short. Nothing here knows what a line means, and no file name, link, pipe
or device in a folder of logs can hang or break it.
"""

from trainmon.tail.chunk import Chunk
from trainmon.tail.document import Document
from trainmon.tail.family import Families
from trainmon.tail.folder import Found, LogFolder, Scanner
from trainmon.tail.follower import Follower
from trainmon.tail.line_cutter import LineCutter
from trainmon.tail.natural import natural_key
from trainmon.tail.open_files import OpenFiles
from trainmon.tail.regular import open_regular
from trainmon.tail.schedule import Schedule
from trainmon.tail.wake import Wake

__all__ = [
    "Chunk",
    "Document",
    "Families",
    "Follower",
    "Found",
    "LineCutter",
    "LogFolder",
    "OpenFiles",
    "Scanner",
    "Schedule",
    "Wake",
    "natural_key",
    "open_regular",
]
