"""Versions are told of what is loaded, and looking at it loads, asks and raises nothing."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import NoReturn

import pytest

import trainmon
from trainmon.writer.origins.versions import versions

LOADED = """
import sys
from trainmon.writer.origins.versions import versions

before = set(sys.modules)
versions()
print(*set(sys.modules) - before)
"""

FRAMEWORKS_LOADED = """
import sys
import torch
import transformers
from trainmon.writer.origins.versions import versions

before = set(sys.modules)
found = versions()
assert set(sys.modules) == before
assert found["torch"] == str(torch.__version__)
print(found["transformers"] == transformers.__version__, found.get("cuda") == torch.version.cuda)
"""


def module(name: str, **inside: object) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(inside)
    return made


class Lazy(ModuleType):
    """A module that would load itself when it is asked for anything."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise ImportError(f"loaded to get {name}")


def test_those_of_python_and_of_loaded_frameworks_are_told() -> None:
    modules = {"torch": module("torch", __version__="2.4.0"), "os": sys}
    assert versions(modules) == {"python": sys.version.split()[0], "torch": "2.4.0"}
    assert versions()["trainmon"] == trainmon.__version__


def test_looking_loads_nothing(run_script: Callable[..., str]) -> None:
    assert run_script(LOADED) == "\n"


def test_real_frameworks_tell_their_versions(run_script: Callable[..., str]) -> None:
    pytest.importorskip("transformers")
    assert run_script(FRAMEWORKS_LOADED) == "True True\n"


def test_a_module_that_loads_when_it_is_asked_is_not_asked() -> None:
    assert "tensorflow" not in versions({"tensorflow": Lazy("tensorflow")})


@pytest.mark.parametrize("odd", [None, 1, (2, 4), object()])
def test_a_version_that_is_no_text_is_none(odd: object) -> None:
    assert set(versions({"torch": module("torch", __version__=odd), "numpy": odd})) == {"python"}


def test_a_long_version_is_cut_and_an_unspeakable_one_made_speakable() -> None:
    found = versions({"jax": module("jax", __version__="1." * 500 + "\udc80")})
    assert found["jax"] == "1." * 50
    assert versions({"jax": module("jax", __version__="1\udc80")})["jax"] == "1?"


def torch_modules(*, initialized: bool, name: Callable[[], str]) -> dict[str, object]:
    return {
        "torch": module("torch", __version__="2.4.0+cu124"),
        "torch.version": module("torch.version", cuda="12.4", hip=None),
        "torch.cuda": module(
            "torch.cuda", is_initialized=lambda: initialized, get_device_name=name
        ),
    }


def never() -> str:
    raise RuntimeError("CUDA error: an illegal memory access was encountered")


def test_the_gpu_is_told_once_the_training_uses_it() -> None:
    found = versions(torch_modules(initialized=True, name=lambda: "NVIDIA H200"))
    assert (found["cuda"], found["gpu"]) == ("12.4", "NVIDIA H200")
    assert "hip" not in found


def test_cuda_is_not_begun_to_learn_of_the_gpu() -> None:
    found = versions(torch_modules(initialized=False, name=never))
    assert found["cuda"] == "12.4"
    assert "gpu" not in found


def test_a_gpu_in_trouble_keeps_nobody_from_training() -> None:
    assert "gpu" not in versions(torch_modules(initialized=True, name=never))
