from pathlib import Path

import pytest

from tests.readme.pictures import PICTURES, Picture, draw, path_of
from tests.readme.sections import README, generated


def test_the_generated_parts_of_the_readme_are_up_to_date() -> None:
    assert generated(README.read_text()) == README.read_text(), "run python -m tests.readme"


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_the_pictures_of_the_readme_are_up_to_date(picture: Picture) -> None:
    assert draw(picture) == path_of(picture).read_text(), "run python -m tests.readme"


def test_the_readme_links_to_every_picture_and_to_no_other() -> None:
    shown = {part.split(")")[0] for part in README.read_text().split("](.github/images/")[1:]}
    assert shown == {path.name for path in Path(path_of(PICTURES[0])).parent.iterdir()}
