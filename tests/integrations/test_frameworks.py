"""All integrations, whichever there are: none costs its framework before it is used."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import trainmon.integrations
from trainmon.errors import UnknownNameError
from trainmon.integrations import load, names
from trainmon.integrations.framework import MissingFrameworkError, framework

FOLDER = Path(trainmon.integrations.__file__).parent


def frameworks_of(integration: str) -> set[str]:
    """Return the frameworks that an integration asks for, as its source says."""
    package = FOLDER / integration
    sources = package.rglob("*.py") if package.is_dir() else [package.with_suffix(".py")]
    text = "".join(source.read_text() for source in sources)
    return set(re.findall(r'\bframework\(\s*"(\w+)"', text))


def python(code: str) -> str:
    environment = {**os.environ, "KERAS_BACKEND": "torch"}  # its default is not installed
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )
    return done.stdout + done.stderr


def test_the_package_and_the_names_of_its_integrations_load_no_framework() -> None:
    loaded = python(
        "import sys, trainmon.integrations as i\n"
        "assert i.names()\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    ).split()
    frameworks = set().union(*map(frameworks_of, names()))
    assert "trainmon" in loaded
    assert not frameworks & set(loaded)


@pytest.mark.parametrize("name", names())
def test_every_integration_loads_by_its_name_where_its_framework_is_there(name: str) -> None:
    assert load(name).__name__ == f"trainmon.integrations.{name}"


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownNameError, match="no integration 'caffe'; there are: accelerate,"):
        load("caffe")


@pytest.mark.parametrize("name", [name for name in names() if frameworks_of(name)])
def test_an_integration_without_its_framework_says_what_to_install(name: str) -> None:
    blocked = sorted(frameworks_of(name))
    said = python(
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({blocked!r}))\n"
        "from trainmon.integrations import load\n"
        "from trainmon.integrations.framework import MissingFrameworkError\n"
        "try:\n"
        f"    load({name!r})\n"
        "except MissingFrameworkError as error:\n"
        "    print(error)\n"
    )
    assert any(f"{framework} is not installed" in said for framework in blocked), said
    assert "(pip install " in said
    assert said.count("\n") == 1


def test_a_framework_that_lacks_a_module_says_which_one_to_install() -> None:
    with (
        pytest.raises(MissingFrameworkError, match=r"cannot be imported.*\(pip install nsm\)"),
        framework("json"),
    ):
        raise ModuleNotFoundError("No module named 'nsm'", name="nsm.core")


def test_a_framework_of_the_wrong_version_is_to_be_upgraded() -> None:
    with (
        pytest.raises(MissingFrameworkError, match=r"\(pip install -U json5\)"),
        framework("json", package="json5"),
    ):
        raise ImportError("cannot import name 'Trainer' from 'json'", name="json")


@pytest.mark.parametrize("name", [name for name in names() if not frameworks_of(name)])
def test_an_integration_that_needs_no_framework_loads_with_the_writer_alone(name: str) -> None:
    said = python(
        "import sys, trainmon.writer\n"
        "before = set(sys.modules)\n"
        f"import trainmon.integrations.{name}\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*(new - set(sys.stdlib_module_names) - {'trainmon'}))"
    )
    assert said == "\n"
