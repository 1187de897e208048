"""Text in UTF-16, as PowerShell redirects it into a file, as the UTF-8 that formats are read in."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder

REMARK = "it is in UTF-16, as Windows PowerShell redirects output"

_MARKS = (BOM_UTF16_LE, BOM_UTF16_BE)

_Decoder = getincrementaldecoder("utf-16")


class Utf8:
    r"""Passes a file on as it is, or as UTF-8 if it begins with the byte order mark of UTF-16.

    >>> text = Utf8()
    >>> text.of(b"\xff\xfea\x00b"), text.of(b"\x00\n\x00"), text.converts
    (b'a', b'b\n', True)
    """

    def __init__(self) -> None:
        self.converts = False
        """Whether the file is in UTF-16."""
        self._decoder = _Decoder(errors="replace")
        self._begun = False
        self._held = b""

    def of(self, data: bytes) -> bytes:
        """Return further bytes of the file in UTF-8."""
        if not self._begun:
            data, self._held = self._held + data, b""
            if len(data) < len(BOM_UTF16_LE) and data in {mark[:1] for mark in _MARKS}:
                self._held = data
                return b""
            self._begun = bool(data)
            self.converts = data.startswith(_MARKS)
        if not self.converts:
            return data
        return self._decoder.decode(data).encode(errors="replace")
