"""YAML texts of several lines that stand below a bar or an angle bracket."""

import re

_INDICATORS = re.compile(r"(?P<style>[|>])(?P<signs>[-+1-9]{0,2})[ \t]*(?:#[^\n]*)?(?:\n|$)")


def text_in_block(text: str, at: int, indent: int) -> tuple[str, int]:
    r"""Return the text that stands further in than `indent`, and where it ends.

    >>> text_in_block("|-\n  one\n   two\nkey: 1\n", 0, 0)
    ('one\n two', 16)
    """
    match = _INDICATORS.match(text, at)
    if match is None:
        end = text.find("\n", at)
        return text[at : end if end >= 0 else len(text)], end + 1 if end >= 0 else len(text)
    at = match.end()
    lines: list[str] = []
    told = match["signs"].strip("+-")
    depth = max(indent, 0) + int(told) if told else 0
    while at < len(text):
        end = text.find("\n", at)
        line = text[at : end if end >= 0 else len(text)]
        inset = len(line) - len(line.lstrip(" "))
        if line.strip(" "):
            depth = depth or inset
            if inset <= indent or inset < depth:
                break
        lines.append(line[depth:])
        at = end + 1 if end >= 0 else len(text)
    return _ended(_joined(lines, match["style"]), match["signs"]), at


def _joined(lines: list[str], style: str) -> str:
    """Return lines as they are, or with single breaks between words folded to blanks."""
    body = "\n".join([*lines, ""])
    if style == "|":
        return body
    return re.sub(r"(?<=[^ \t\n])\n(\n*)(?=[^ \t\n])", lambda match: match[1] or " ", body)


def _ended(body: str, signs: str) -> str:
    if "+" in signs:
        return body
    stripped = body.rstrip("\n")
    return stripped if "-" in signs or not stripped else f"{stripped}\n"
