"""What is shipped: built, installed without an index, and asked for its themes."""

import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent

LIST_THEMES = """
import sys, site
folder = sys.argv[1]
sys.path.insert(0, folder)  # before any other trainmon of this environment
site.addsitedir(folder)  # reads .pth files, which is what an editable install is made of
from trainmon.ui.look.themes import theme_folder
print(theme_folder().resolve())
print(*sorted(file.name for file in theme_folder().glob("*.toml")))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


def test_the_wheel_holds_every_theme_every_style_and_the_typing_marker(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        shipped = set(archive.namelist())
    source = ROOT / "src"
    themes = {f"trainmon/themes/{file.name}" for file in (ROOT / "themes").glob("*.toml")}
    styles = {str(file.relative_to(source)) for file in source.rglob("*.tcss")}
    assert themes
    assert styles
    assert themes | styles | {"trainmon/py.typed"} <= shipped


def test_the_sdist_holds_the_tests_and_nothing_hidden(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        shipped = {Path(*Path(name).parts[1:]) for name in archive.getnames()}
    assert Path("tests/test_packaging.py") in shipped
    assert {path for path in shipped if path.parts[0].startswith(".")} <= {Path(".gitignore")}


@pytest.fixture(scope="module")
def wheel_from_sdist(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    return _build("wheel", source, folder / "dist")


def _site_of_editable_install(folder: Path) -> Path:
    return _installed(_build("wheel:editable", ROOT, folder / "dist"), folder / "site")


def _site_of_checkout(_folder: Path) -> Path:
    return ROOT / "src"


@pytest.mark.parametrize(
    "built",
    ["wheel", "wheel_from_sdist"],
    ids=["built from the checkout", "built from the sdist"],
)
def test_an_installed_wheel_finds_its_own_copy_of_the_themes(
    built: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    site = _installed(request.getfixturevalue(built), tmp_path / "site")
    place, names = _themes(site)
    assert place == site / "trainmon" / "themes"
    assert names == _theme_names()


@pytest.mark.parametrize(
    "site_of", [_site_of_editable_install, _site_of_checkout], ids=["editable", "checkout"]
)
def test_an_uninstalled_or_editable_trainmon_finds_the_themes_of_the_checkout(
    site_of: Callable[[Path], Path], tmp_path: Path
) -> None:
    place, names = _themes(site_of(tmp_path))
    assert place == ROOT / "themes"
    assert names == _theme_names()


def _theme_names() -> list[str]:
    return sorted(file.name for file in (ROOT / "themes").glob("*.toml"))


def _themes(site: Path) -> tuple[Path, list[str]]:
    """Return the theme folder, and the themes in it, that a trainmon in `site` finds."""
    place, names = _run(sys.executable, "-c", LIST_THEMES, site, folder=site).splitlines()
    return Path(place), names.split()


def _build(target: str, source: Path, out: Path) -> Path:
    """Build one distribution of a source tree and return its file."""
    _run(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", out, folder=source)
    (built,) = out.iterdir()
    return built


def _installed(wheel: Path, site: Path) -> Path:
    """Install a wheel without its dependencies into a folder of its own, and return that."""
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    _run(*pip, "--no-deps", "--no-index", "--no-compile", "--target", site, wheel, folder=ROOT)
    return site.resolve()


def _run(*command: str | Path, folder: Path) -> str:
    """Run a command and return what it printed; if it fails, what it said is the failure."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and the tools of the test extra
        command, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
