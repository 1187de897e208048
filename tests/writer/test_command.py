"""A command line and a configuration keep what they say of the training and lose their secrets."""

import string
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trainmon.writer.origins.command import (
    ARGUMENT_LIMIT,
    ARGUMENTS_LIMIT,
    COMMAND_LIMIT,
    masked,
    masked_settings,
)
from trainmon.writer.plain import Plain

DIGITS = "0123456789abcdef0123456789abcdef01234567"
"""What a key of Weights & Biases looks like, and the name of a commit."""

SECRET_NAMES = [
    *("password", "passwd", "db_pwd", "passphrase", "secret", "client_secret", "credentials"),
    *("api_key", "apikey", "api-key", "apiKey", "API_KEY", "X-Api-Key", "wandb_key", "openai.key"),
    *("access_key", "private_key", "aws_access_key_id", "secret_key", "api_keys", "api_key_2"),
    *("token", "TOKEN", "auth_token", "hf_token", "hubToken", "access_tokens", "basic_auth"),
    *("logger.wandb.api_key", "Password", "DB_PASS", "SORT_KEY", "GITHUB_PAT"),
]

HARMLESS_NAMES = [
    *("tokenizer", "max_tokens", "num-tokens", "tokens", "key_dim", "key", "sort_key", "keys"),
    *("token_dropout", "pad_token", "eos-token", "cls_token", "per_token", "token_id", "numToken"),
    *("password_file", "api_key_env", "author", "lr", "passes", "monkey", "patience"),
]

TOKENS = [
    f"hf_{'aB3' * 11}a",
    "sk-proj-abcdefghijklmnop1234",
    "sk-ant-api03-abcdefghijklmnop",
    f"ghp_{'aB3' * 12}",
    f"github_pat_{'aB3' * 20}",
    "glpat-abcdefghij0123456789",
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w",
    f"AIza{'aB3d5' * 7}",
    "xoxb-123456789012-abcdefghijkl",
    "wandb_v1_abcdefghij0123456789",
    f"local-{DIGITS}",
    DIGITS,
]

secret_names = st.sampled_from(SECRET_NAMES)
parts = st.text(string.ascii_letters + string.digits + "._~+!$%*-", max_size=30)
secrets = st.builds("{}Tiger{}".format, parts, parts)
words = st.text(string.ascii_lowercase, max_size=20)


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_the_value_of_a_secret_name_is_masked(name: str) -> None:
    assert masked([f"--{name}=tiger"]) == [f"--{name}=***"]
    assert masked([f"{name}=tiger"]) == [f"{name}=***"]
    assert masked([f"--{name}", "tiger", "--lr", "0.1"]) == [f"--{name}", "***", "--lr", "0.1"]
    assert masked_settings({name: "tiger"}) == {name: "***"}


@pytest.mark.parametrize("name", HARMLESS_NAMES)
def test_the_value_of_a_name_that_sounds_like_a_secret_is_kept(name: str) -> None:
    command = [f"--{name}=512", f"--{name}", "gpt2", f"model.{name}=true", f"+{name}=<eos>"]
    assert masked(command) == command
    assert masked_settings({name: "gpt2"}) == {name: "gpt2"}


@pytest.mark.parametrize("token", TOKENS)
def test_what_looks_like_a_token_is_masked_by_whatever_name_it_goes(token: str) -> None:
    assert masked([token, f"--x={token}", f"f('{token}')"]) == ["***", "--x=***", "f('***')"]
    assert masked_settings({"x": token, "y": [token]}) == {"x": "***", "y": ["***"]}


@pytest.mark.parametrize(
    ("address", "without"),
    [
        ("https://me:tiger@host:80/runs", "https://me:***@host:80/runs"),
        ("postgresql+psycopg://me:ti@ger@host/db", "postgresql+psycopg://me:***@host/db"),
        ("redis://:tiger@host", "redis://:***@host"),
        ("git+https://tiger@host/me/code.git", "git+https://***@host/me/code.git"),
        ("https://host/blob?sv=2&sig=ti%2Fger&se=3", "https://host/blob?sv=2&sig=***&se=3"),
        ("https://host/?token=tiger", "https://host/?token=***"),
        ("https://hooks.slack.com/services/T0/B0/tiger", "https://hooks.slack.com/services/***"),
    ],
)
def test_an_address_keeps_its_host_and_loses_its_password(address: str, without: str) -> None:
    assert masked(["--store", address, f"--to={address}"]) == [
        "--store",
        without,
        f"--to={without}",
    ]


@pytest.mark.parametrize(
    "address", ["ssh://git@host/code", "git@host:code", "s3://bucket/key", "https://host:80/a?b=c"]
)
def test_an_address_without_a_password_is_kept(address: str) -> None:
    assert masked([address]) == [address]


@pytest.mark.parametrize(
    ("argument", "without"),
    [
        ('{"lr": 1, "api_key": "ti ger"}', '{"lr": 1, "api_key": "***"}'),
        (r"{\"password\": \"ti ger\", \"lr\": 1}", r"{\"password\": \"***\", \"lr\": 1}"),
        ("Authorization: Bearer tiger", "Authorization: ***"),
        ("wandb.login(key=1, token='ti ger')", "wandb.login(key=1, token='***')"),
        ("--env=WANDB_API_KEY=tiger", "--env=WANDB_API_KEY=***"),
        ("name=x,password=tiger,port=1", "name=x,password=***,port=1"),
    ],
)
def test_a_secret_within_an_argument_is_masked(argument: str, without: str) -> None:
    assert masked([argument]) == [without]


def test_forty_digits_that_name_a_commit_are_kept() -> None:
    command = ["--revision", DIGITS, f"commit={DIGITS}", f"models/snapshots/{DIGITS}/config.json"]
    assert masked(command) == command
    assert masked_settings({"git": {"sha": DIGITS}}) == {"git": {"sha": DIGITS}}


def test_a_switch_that_says_whether_there_is_a_secret_is_kept() -> None:
    command = ["--use-auth-token", "true", "--token", "--lr", "0.1", "--password", "-v", "token="]
    assert masked(command) == command
    settings: dict[str, Plain] = {"token": True, "password": None, "api_key": "", "secrets": []}
    assert masked_settings(settings) == settings


def test_a_secret_may_begin_with_a_dash() -> None:
    assert masked(["--token", "-tiger"]) == ["--token", "***"]


def test_overrides_in_capitals_are_parted_from_their_values() -> None:
    command = masked(["SOLVER.LR", "0.1", "WANDB.API_KEY", "tiger"])
    assert command == ["SOLVER.LR", "0.1", "WANDB.API_KEY", "***"]


def test_settings_are_masked_at_every_depth() -> None:
    settings: dict[str, Plain] = {
        "lr": 0.1,
        "loggers": [{"wandb": {"key": "tiger"}}, {"api": {"token": 1234}}],
        "credentials": {"user": "me", "password": "tiger"},
        "layers": [64, 10],
    }
    assert masked_settings(settings) == {
        "lr": 0.1,
        "loggers": [{"wandb": {"key": "***"}}, {"api": {"token": "***"}}],
        "credentials": "***",
        "layers": [64, 10],
    }


def test_arguments_of_other_types_are_told_as_text() -> None:
    assert masked([Path("train.py"), 3, None]) == ["train.py", "3", "None"]


def test_what_is_too_long_is_cut_and_says_so() -> None:
    command = masked(["a" * 5_000, *(["file"] * 999)])
    assert command[0] == "a" * (ARGUMENT_LIMIT - 1) + "…"
    assert command[-1] == f"… and {1_000 - ARGUMENTS_LIMIT} more"


def test_a_secret_at_the_place_where_an_argument_is_cut_is_masked() -> None:
    token = TOKENS[0]
    (argument,) = masked(["x" * (ARGUMENT_LIMIT - 11) + " " + token])
    assert argument.endswith("x ***")


@given(
    name=secret_names,
    before=words,
    after=words,
    secret=secrets,
    form=st.sampled_from(
        [
            ["--{name}={secret}"],
            ["-{name}={secret}"],
            ["{name}={secret}"],
            ["++a.{name}={secret}"],
            ["--env={name}={secret}"],
            ["--{name}", "{secret}"],
            ['{{"a": 1, "{name}": "{secret}", "b": 2}}'],
            ["{name}: {secret}"],
            ["f(a=1, {name} = '{secret}')"],
            ["https://user:{secret}x@host"],
        ]
    ),
)
def test_a_secret_survives_in_no_place_that_is_known(
    name: str, before: str, after: str, secret: str, form: list[str]
) -> None:
    assume(not secret.startswith("--"))  # which parsers take for an option, not for a value
    command = [part.format(name=name, secret=secret) for part in form]
    assert "Tiger" not in " ".join(masked([before, *command, after]))


@given(secret=secrets, name=secret_names, depth=st.integers(0, 4))
def test_a_secret_survives_at_no_depth_of_a_configuration(
    secret: str, name: str, depth: int
) -> None:
    settings: Plain = {name: secret}
    for _ in range(depth):
        settings = {"inner": [settings]}
    assert isinstance(settings, dict)
    assert "Tiger" not in str(masked_settings(settings))


@given(st.lists(st.text() | st.binary(max_size=20), max_size=300))
def test_no_command_raises_or_is_longer_than_the_limits(command: list[object]) -> None:
    told = masked(command)
    assert len(told) <= ARGUMENTS_LIMIT + 1
    assert max(map(len, told), default=0) <= ARGUMENT_LIMIT
    "".join(told).encode()


@given(st.integers(1, 3_000), st.integers(1, 300))
def test_no_command_takes_more_than_its_part_of_a_header(length: int, count: int) -> None:
    *told, _ = [*masked(["a" * length] * count), ""]
    assert sum(map(len, told)) <= COMMAND_LIMIT + len("… and 1,000 more")


@given(st.dictionaries(st.text(), st.text() | st.none() | st.floats() | st.lists(st.text())))
def test_no_configuration_raises_or_loses_a_name(settings: dict[str, Plain]) -> None:
    assert masked_settings(settings).keys() == settings.keys()
