"""fairseq: its console, with objects of JSON or with fields between bars."""

import re
from collections.abc import Iterator, Mapping

from trainmon.console.prefix import Line
from trainmon.console.reading import readings
from trainmon.console.source import ELSEWHERE, ConsoleSource
from trainmon.decode import decode
from trainmon.source import Head
from trainmon.store.batch import Record

_SIGN = re.compile(
    rb'\{"epoch": \d{1,9}, [^\n]{1,2000}num_updates": "\d'
    rb"|\bepoch \d{1,9}(?: \||:)[^\n]{1,500}[ |]num_updates[ =]\d"
)
_OBJECT = re.compile(r'\{"epoch": .*\}$')
_FIELDS = re.compile(r"epoch \d{1,9}(?: \||: ?\d{1,9} ?/ ?\d)")
_SUBSET = re.compile(r"\| valid on '([\w.-]{1,40})' subset")
_CONFIGURED = re.compile(
    r"'(max_epoch|max_update|clip_norm|warmup_updates|distributed_world_size|update_freq)':"
    r" \[?(\d{1,12}(?:\.\d{1,12})?)"
)
_DUMP = re.compile(r"\{'_name': None, 'common': ")

_SETTINGS = {
    "max_epoch": "epochs",
    "max_update": "total_steps",
    "clip_norm": "clip",
    "warmup_updates": "warmup_steps",
    "distributed_world_size": "world_size",
    "update_freq": "accum",
}
_NAMES = {
    "num_updates": "step",
    "lr": "lr",
    "gnorm": "grad_norm",
    "loss_scale": "amp/scale",
    "wps": "tokens_per_second",
    "ups": "steps_per_second",
    "wall": "wall_time",
    "gb_free": "gb_free",
}
_CUMULATIVE = frozenset({"train_wall", "wall", "epoch", "update"})


class FairseqSource(ConsoleSource):
    """Reads what is logged within epochs, the mean of each epoch, and validations.

    The means repeat the curve where it was logged within the epoch: they have names of their own
    then.
    """

    id = "fairseq"
    summary = "fairseq: its console or hydra_train.log, as JSON or as fields"
    order = 74

    _logs_within = False

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether there is a record that counts updates."""
        return b"num_updates" in head.lines and _SIGN.search(head.lines) is not None

    def records(self, line: Line) -> Iterator[Record]:
        """Yield the record of a line, or what a dump of the configuration tells."""
        text = line.text
        if match := _OBJECT.search(text):
            for found in decode(match.group().encode()).records:
                yield from self._renamed(_split_of(found), found)
        elif match := _FIELDS.search(text):
            found = {reading.key: reading.value for reading in readings(text[match.start() :])}
            subset = _SUBSET.search(text)
            within = match.group()[-1].isdigit()
            yield from self._renamed("valid" if subset else "" if within else "train", found)
        elif _DUMP.search(text):
            told = {_SETTINGS[m[1]]: float(m[2]) for m in _CONFIGURED.finditer(text)}
            yield from self.configured(**{k: v for k, v in told.items() if v > 0})  # 0: no limit

    def _renamed(self, split: str, found: Mapping[str, object]) -> Iterator[Record]:
        """Yield a record under trainmon's names; `split` is empty for what is logged within."""
        self._logs_within = self._logs_within or not split
        record: Record = {}
        for key, value in found.items():
            bare = key.removeprefix(f"{split}_") if split else key
            prefix = "val" if split == "valid" else "train"
            if split == "train" and self._logs_within:
                prefix = "epoch_mean"
            if bare in ("epoch", "num_updates"):
                record[_NAMES.get(bare, bare)] = value
            elif prefix == "train" and bare in _NAMES:
                record[_NAMES[bare]] = value
            elif bare and bare not in _CUMULATIVE and (split != "valid" or bare not in _NAMES):
                record[f"{prefix}/{bare.replace(' ', '_')}"] = value
        if split == "valid" and "step" not in record:
            record[ELSEWHERE] = True
        if len(record) > 1:
            yield record


def _split_of(found: Mapping[str, object]) -> str:
    return next((s for s in ("train", "valid") if f"{s}_num_updates" in found), "")
