"""What a person prefers, from a file of their own."""

from pathlib import Path

import pytest

from trainmon.config_file import config_path
from trainmon.errors import UsageError
from trainmon.preferences import preferences, role_overrides, told_settings
from trainmon.roles import Direction, Role


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the file of this test's person is; it does not exist yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = tmp_path / "trainmon" / "config.toml"
    path.parent.mkdir()
    return path


def test_roles_are_read_one_or_several_a_line(config: Path) -> None:
    config.write_text('[roles]\ntrain_loss = "*_criterion"\nval_metric = ["a:higher", "b"]\n')
    roles = preferences().roles
    assert roles.role_of("my_criterion").role == Role.TRAIN_LOSS
    assert roles.role_of("a").direction == Direction.HIGHER
    assert roles.role_of("b").role == Role.VAL_METRIC


def test_no_file_tells_nothing(config: Path) -> None:
    assert not config.exists()
    assert not preferences().roles


def test_what_a_command_says_counts_more_than_the_file(config: Path) -> None:
    config.write_text('[roles]\nval_loss = "zeal"\n')
    assert role_overrides(["train_loss=zeal"]).role_of("zeal").role == Role.TRAIN_LOSS
    assert role_overrides([]).role_of("zeal").role == Role.VAL_LOSS


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[roles", "config.toml: "),
        ('[roles]\nzeal = "loss"\n', "no role 'zeal'; there are: "),
        ("[roles]\ntrain_loss = 3\n", "the role train_loss needs names"),
        ('[roles]\ntrain_loss = ""\n', "the role train_loss needs names"),
        ('roles = "loss"\n', "is no table"),
        ("\xff", "config.toml: "),
    ],
)
def test_nonsense_in_the_file_is_told_with_its_path(config: Path, content: str, told: str) -> None:
    config.write_bytes(content.encode("latin-1"))
    with pytest.raises(UsageError, match=r"config\.toml") as error:
        preferences()
    assert told in str(error.value)


@pytest.mark.parametrize("unset", ["", "relative/folder"])
def test_without_an_absolute_folder_the_usual_one_is_looked_in(
    monkeypatch: pytest.MonkeyPatch, unset: str
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", unset)
    assert config_path() == Path.home() / ".config" / "trainmon" / "config.toml"


def test_a_setting_told_on_the_command_line_stands_above_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    config_path().parent.mkdir()
    config_path().write_text("[settings]\nnum_classes = 10\nepochs = 3\n")
    assert told_settings(["num_train_epochs=90"]) == {
        "num_classes": 10,
        "epochs": 90.0,
        "num_train_epochs": 90.0,
    }


@pytest.mark.parametrize("option", ["num_classes", "=3", " =3"])
def test_what_is_no_setting_is_an_error_with_an_example(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, option: str
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(UsageError, match="--set num_classes=10"):
        told_settings([option])


def test_the_screen_has_a_table_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[screen]\ntheme = "nord"\nfps = 2\n')
    assert preferences(file).screen == {"theme": "nord", "fps": "2"}


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("screen = 1", r"\[screen\] is no table"),
        ("[screen]\ncolour = 1", "no .screen. option 'colour'; there are: fps, glyphs, theme"),
    ],
)
def test_nonsense_about_the_screen_is_refused(text: str, trouble: str, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=trouble):
        preferences(file)
