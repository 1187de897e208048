"""What of a text is a password, key or token, told by the name before it or by its own looks.

A log is shared more freely than the command that made it, so in doubt a text is masked: what is
lost by that is a setting nobody reads a diagnosis from. Names of machine learning that merely
sound like it (``num_tokens``, ``key_dim``, ``pad_token``) are known and kept.
"""

import re
from typing import Final

MASK: Final = "***"
"""What stands in the place of a secret."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
"""A word of ``snake_case``, ``kebab-case``, ``camelCase`` or ``CAPITALS``."""

_SECRET = re.compile(
    r"passw|passphrase|pwd|secret|credential|authorization|bearer|cookie|amz_signature"
    r"|(?:access|api|auth)_?(?:key|token)|(?:^|_)auth$|(?:db|mail|proxy|smtp|user)_?pass$"
)
"""What names of secrets hold, their words in small letters and joined with ``_``."""

_NOT_ITSELF = re.compile(r"_(?:dim|dir|env|file|folder|len|length|name|path|size|type|var)$")
"""Endings of names that tell something about a secret."""

_ENVIRONMENT = re.compile(r"-*(?:[A-Z0-9]+_)*(?:KEY|PASS|PW|PAT|TOKENS?)")
"""Names of environment variables, where a key is never one of a dictionary."""

# fmt: off
_KEY_HOLDERS = frozenset({
    "account", "admin", "app", "aws", "azure", "client", "comet", "deploy", "encryption", "google",
    "hf", "huggingface", "license", "master", "neptune", "openai", "private", "service", "session",
    "shared", "signing", "ssh", "storage", "subscription", "wandb", "webhook",
})
"""Whose keys open something; those of dictionaries, of attention and of random numbers do not."""

_TEXT_WORDS = frozenset({
    "audio", "blank", "bos", "class", "cls", "dist", "end", "eos", "first", "image", "last", "mask",
    "max", "min", "new", "next", "num", "pad", "patch", "per", "pool", "prompt", "query",
    "register", "sep", "special", "start", "stop", "text", "unk", "video",
})
"""What stands before the token of a text; any other single token is a secret."""
# fmt: on

_NOTHING = frozenset({"", "0", "1", "false", "true", "no", "yes", "none", "null", "off", "on"})
"""Values that say whether there is a secret, and are none."""

# What follows is compiled when a text first needs it: few commands do, and all would take 1 ms.

_OF_A_COMMIT = r"commit|hash|ref$|rev$|revision|sha|snapshot|version"
"""Names of values that have 40 hexadecimal digits and are no key."""

_KEY_OF_DIGITS = r"(?<![\w/.-])(?:local-)?[0-9a-fA-F]{40}(?![\w/.-])"
"""A key of Weights & Biases. In a path the same digits are a commit, as in the caches of models."""

_KEY_OF_LETTERS = (
    r"(?<![\w/+=.-])(?=[a-z0-9/+]*[A-Z])(?=[A-Z0-9/+]*[a-z])(?=[A-Za-z/+]*[0-9])"
    r"[A-Za-z0-9/+]{40}(?![\w/+=.-])"
)
"""A secret key of Amazon, of small letters, capitals and digits."""

_KEY_LENGTH = 40
"""Characters of the two above."""

_MARKED = (
    r"(?s:-----BEGIN[A-Z ]* PRIVATE KEY-----.*)"
    r"|(?<![A-Za-z0-9])(?:"
    r"(?:hf_|gh[opsur]_|github_pat_|glpat-|npm_|pypi-|r8_|gsk_|nvapi-|dckr_pat_|wandb_v1_)[\w-]{20,}"
    r"|[prs]k[-_](?=[A-Za-z_-]{0,99}[0-9])[\w-]{20,}"  # OpenAI, Anthropic, Stripe
    r"|xox[a-z]-[\w-]{16,}"  # Slack
    r"|A(?:KIA|SIA)[A-Z0-9]{16}"  # Amazon
    r"|AIza[\w-]{35}"  # Google
    r"|eyJ[\w-]{17,}(?:\.[\w-]+)*={0,2}"  # JSON in base64: JSON web tokens, Neptune
    r")"
)
"""Keys and tokens that begin with a mark of who gave them."""

_MARKED_LENGTH = 20
"""Characters of the shortest of those."""

_IN_ADDRESS = (
    r"(?P<user>(?<=://)[^\s/:@]*:)[^\s/]+(?=@)"
    r"|(?<=http://)[^\s/:@]+(?=@)|(?<=https://)[^\s/:@]+(?=@)"  # a token in the user's place
    r"|(?P<query>[?&](?:auth|code|key|sig|signature)=)[^\s&]+"
    r"|(?P<hook>//hooks\.slack\.com/services/|//discord(?:app)?\.com/api/webhooks/)\S+"
)
"""What an address reveals: ``scheme://user:password@host``, signatures, the hooks of chats."""

_NAMED = r"(?<![\w.-])([\w.-]{1,99})(?:\\*[\"'])?\s{0,3}[=:]{1,2}\s{0,3}"
"""A name, and what parts it from its value, in a command, in JSON, in YAML or in code."""

_VALUE = r"""(?s)(\\*["'])((?:(?!\1).)*)|(?:(?i:basic|bearer|token)\s+)?[^\s,;"'})\]]*"""
"""What a name is given: a text in quotes, or whatever comes before the next one."""


def is_secret_name(name: str) -> bool:
    """Return whether what goes by `name` is a secret; its case and punctuation do not matter.

    >>> [is_secret_name(name) for name in ("--api-key", "logger.wandbToken", "DB_PASS")]
    [True, True, True]
    >>> [is_secret_name(name) for name in ("--tokenizer", "max_tokens", "key_dim", "eos_token")]
    [False, False, False, False]
    """
    joined = _joined(name)
    if _SECRET.search(joined) is not None:
        return _NOT_ITSELF.search(joined) is None
    before, _, last = joined.rpartition("_")
    before = before.rpartition("_")[2]
    if last in {"key", "keys"} and before in _KEY_HOLDERS:
        return True
    if last.endswith("token") and before not in _TEXT_WORDS:
        return True
    return _ENVIRONMENT.fullmatch(name.rpartition(".")[2]) is not None


def reveals_nothing(value: str) -> bool:
    """Return whether `value` only says that there is a secret or none, as a switch does."""
    return value.lower() in _NOTHING


def without_secrets(text: str, name: str = "") -> str:
    """Return `text`, which may go by a harmless `name`, with `MASK` for what is secret in it.

    >>> without_secrets("postgres://me:1234@host/runs?sslmode=off")
    'postgres://me:***@host/runs?sslmode=off'
    >>> without_secrets('{"lr": 3e-4, "api_key": "1234"}')
    '{"lr": 3e-4, "api_key": "***"}'
    """
    if len(text) >= _MARKED_LENGTH:
        text = re.sub(_MARKED, MASK, text)
    if len(text) >= _KEY_LENGTH:
        text = re.sub(_KEY_OF_LETTERS, MASK, text)
        if re.search(_OF_A_COMMIT, _joined(name)) is None:
            text = re.sub(_KEY_OF_DIGITS, MASK, text)
    if "://" in text:
        text = re.sub(_IN_ADDRESS, _address_masked, text)
    return _values_masked(text) if "=" in text or ":" in text else text


def _joined(name: str) -> str:
    """Return the words of a name in small letters, less the number at its end."""
    return "_".join(_WORD.findall(name)).lower().rstrip("_0123456789")


def _address_masked(match: re.Match[str]) -> str:
    return (match["user"] or match["query"] or match["hook"] or "") + MASK


def _values_masked(text: str) -> str:
    """Return `text` without the values that the secret names in it are given."""
    value_of = re.compile(_VALUE)
    parts: list[str] = []
    done = 0
    for named in re.finditer(_NAMED, text):
        if named.start() < done or not is_secret_name(named[1]):
            continue
        value = value_of.match(text, named.end())
        if value is None or reveals_nothing(value[0] if value[2] is None else value[2]):
            continue
        parts += text[done : named.end()], value[1] or "", MASK
        done = value.end()
    return "".join(parts) + text[done:]
