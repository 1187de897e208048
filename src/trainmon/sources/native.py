"""trainmon's own format: JSON lines that begin with a header."""

from collections.abc import Sequence

from trainmon.decode import decode
from trainmon.errors import FormatError
from trainmon.record import FORMAT_VERSION, HEADER_KEY
from trainmon.source import Head, Part, Source
from trainmon.store.batch import HEADER, batch_of


class NativeSource(Source):
    """Reads what `trainmon.Writer` writes."""

    id = "trainmon"
    summary = "what trainmon's own writer appends: rank*.jsonl"
    order = 0

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether one of the first lines is a header."""
        if b'"trainmon"' not in head.lines:
            return False
        return any(HEADER_KEY in record for record in head.decoded.records[:_FIRST])

    def read(self, data: bytes) -> Sequence[Part]:
        """Return the records; a header of a later version is refused."""
        decoded = decode(data)
        batch = batch_of(decoded.records)
        for event in batch.events:
            version = event.fields.get(HEADER_KEY)
            if event.kind == HEADER and not _readable(version):
                message = f"format version {str(version)[:20]} of trainmon's own logs"
                raise FormatError(
                    f"{message} is newer than this trainmon reads", hint="pip install -U trainmon"
                )
        return [Part(batch, skipped=decoded.skipped)]


_FIRST = 20
"""Objects among which the header is looked for: a crash may have left a torn first line."""


def _readable(version: object) -> bool:
    return not isinstance(version, (int, float)) or version <= FORMAT_VERSION
