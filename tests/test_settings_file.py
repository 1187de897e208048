from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from trainmon.plain_yaml.scalars import plain
from trainmon.settings_file import settings_in


def test_json_is_read() -> None:
    assert settings_in(b'{"lr": 0.1, "model": {"width": 64}}') == {
        "lr": 0.1,
        "model": {"width": 64},
    }


def test_blocks_and_brackets_are_read() -> None:
    content = b"""\
    # of an experiment
    lr: 0.01      # at its peak
    names: {0: person, 1: 'traffic light'}
    betas: [0.9,
      0.999]  # as ever
    layers:
    - width: 64
      act: relu
    -
      - 1
      - [2, 3]
    note: two
      lines
    nothing:
    """
    assert settings_in(content) == {
        "lr": 0.01,
        "names": {"0": "person", "1": "traffic light"},
        "betas": [0.9, 0.999],
        "layers": [{"width": 64, "act": "relu"}, [1, [2, 3]]],
        "note": "two lines",
        "nothing": None,
    }


def test_tags_of_python_objects_are_read_over() -> None:
    content = b"""\
model: !!python/object:demo.Net
  width: 64
loss: !!python/name:torch.nn.functional.mse_loss ''
folder: !!python/object/apply:pathlib.PosixPath
- runs
betas: !!python/tuple
- 0.9
- 0.95
"""
    assert settings_in(content) == {
        "model": {"width": 64},
        "loss": "",
        "folder": ["runs"],
        "betas": [0.9, 0.95],
    }


def test_anchors_aliases_and_merge_keys_are_followed() -> None:
    content = b"base: &base\n  lr: 0.1\n  wd: 0\nfine:\n  <<: *base\n  lr: 0.01\nsame: *base\n"
    assert settings_in(content)["fine"] == {"lr": 0.01, "wd": 0}
    assert settings_in(content)["same"] == {"lr": 0.1, "wd": 0}


def test_texts_of_several_lines_are_read() -> None:
    content = b"kept: |\n  a\n    b\nfolded: >-\n  a\n  b\nlr: 1\n"
    assert settings_in(content) == {"kept": "a\n  b\n", "folded": "a b", "lr": 1}


def test_of_several_documents_the_later_ones_count() -> None:
    assert settings_in(b"--- !config\nlr: 1\nwd: 2\n---\nlr: 3\n...\n") == {"lr": 3, "wd": 2}


def test_what_is_not_understood_is_left_out() -> None:
    assert settings_in(b"lr: 0.1\nwhat is this\nwd: [1, 2\n") == {"lr": 0.1, "wd": None}


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"- 1\n- 2\n", b"[1, 2]", b"text", b"[" * 9_000, b"- " * 9_000],
)
def test_what_holds_no_settings_gives_none(content: bytes) -> None:
    assert settings_in(content) == {}


def test_lists_that_repeat_each_other_do_not_grow_without_bound() -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    settings = settings_in("\n".join(lines).encode())
    assert len(repr(settings)) < 1_000_000


def _told_alike(text: str) -> bool:
    """Return whether a plain text is one to both: YAML 1.1 has floats need a dot."""
    return yaml.safe_dump(text).startswith(("'", '"')) or isinstance(plain(text), str)


BREAKS = "\x85\u2028\u2029"  # line breaks of YAML 1.1 alone
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters=BREAKS), max_size=100) | st.text(
    "ab :#-'\"[]{},&*!|>%@`?\n\t\\~.0", max_size=100
)
PLAIN_TEXTS = TEXTS.filter(_told_alike)
KEYS = PLAIN_TEXTS.filter(lambda text: 0 < len(text) < 60 and "\n" not in text and text != "<<")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | PLAIN_TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(
    settings=st.dictionaries(KEYS, VALUES, max_size=4), flow=st.sampled_from([None, True, False])
)
def test_what_pyyaml_writes_is_read(settings: dict[str, Any], flow: bool | None) -> None:  # noqa: FBT001 - hypothesis gives it by name
    dumped = yaml.safe_dump(settings, default_flow_style=flow)
    assert settings_in(dumped.encode()) == settings or "? " in dumped


_SIGNS = " \n\t-?#[]{},:'\"\\!|>~.a01_\u20ac\x85"
_WORDS = ("\r\n", "\n  ", "\n- ", "\n---\n", "a: ", "&a ", "*a", "<<: ", "!t ", "''", "\\u", "|2-")
_NUMBERS = ("0x", "0b1", "1e9", ".inf", "-.5")


@given(
    st.text("ab:- \n[]{}'\"#&*!|>,\\", max_size=200)
    | st.lists(st.sampled_from([*_SIGNS, *_WORDS, *_NUMBERS]), max_size=80).map("".join)
)
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert isinstance(settings_in(text.encode()), dict)


@given(st.binary())
def test_any_bytes_are_read_without_an_error(content: bytes) -> None:
    assert isinstance(settings_in(content), dict)
