"""Writes the README's generated parts and pictures anew: ``python -m tests.readme``."""

from tests.readme.pictures import PICTURES, draw, path_of
from tests.readme.sections import write

write()
for picture in PICTURES:
    path_of(picture).write_text(draw(picture))
