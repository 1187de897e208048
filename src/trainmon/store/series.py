"""The samples of all metrics of a lane. Metrics that always come together share their rows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from trainmon.store.batch import NO_SAMPLES, Rows, Samples
from trainmon.store.column import Column
from trainmon.store.thinning import buckets, thinned

_KEPT = 2_048
"""Samples of a series that stay as they are however old: twice what a rule may look back over."""


class SeriesTable:
    """The growing samples of metrics, by name. Owned by the monitor thread."""

    def __init__(self) -> None:
        self.size = 0
        """Samples that are held."""
        self._rows: dict[str, Column] = {}
        self._values: dict[str, Column] = {}
        self._users = Counter[int]()
        """How many metrics stand in the rows of a column, by its identity."""
        self._last: dict[str, int] = {}
        """The row of each metric's last sample."""
        self._samples: dict[str, Samples] = {}
        """What was looked at since the last append."""
        self._second: dict[str, int] = {}
        """The row of the sample before it."""

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def samples(self, name: str | None) -> Samples:
        """Return all samples of a metric, without copying; none if there is no such metric."""
        if name is None or name not in self._values:
            return NO_SAMPLES
        samples = self._samples.get(name)
        if samples is None:
            samples = Samples(self._rows[name].view(), self._values[name].view())
            self._samples[name] = samples
        return samples

    def since(self, name: str | None, row: int) -> bool:
        """Return whether a metric has samples from a row on."""
        return self._last.get(name or "", -1) >= row

    def alone(self, name: str | None, start: int, stop: int) -> float | None:
        """Return the value of a metric that stands in the last of some rows, and in no other."""
        if name is None or self._last.get(name) != stop - 1 or self._second.get(name, -1) >= start:
            return None
        value: float = self._values[name].newest()
        return value

    def append(self, samples: Mapping[str, Samples], base: int) -> None:
        """Append samples whose rows are counted from `base` on."""
        self._samples.clear()
        for together in _of_same_rows(samples):
            rows = samples[together[0]].rows
            shifted = rows + np.int32(base)
            last = int(shifted[-1])
            second = int(shifted[-2]) if len(shifted) > 1 else None
            for column, names in self._by_column(together):
                self._own(column, names).extend(shifted)
            for name in together:
                self._values[name].extend(samples[name].values)
                self._second[name] = self._last.get(name, -1) if second is None else second
                self._last[name] = last
            self.size += len(rows) * len(together)

    def thin(self, before: int, width: int) -> list[Rows]:
        """Keep of what stands before a row three samples per `width` rows; return their rows."""
        self._samples.clear()
        self.size, kept = 0, []
        names_of: dict[int, list[str]] = {}
        for name, column in self._rows.items():
            names_of.setdefault(id(column), []).append(name)
        for names in names_of.values():
            column = self._rows[names[0]]
            rows = column.view()
            older = min(int(np.searchsorted(rows, before)), len(rows) - _KEPT)
            if older > 0:
                taken = buckets(rows[:older], width)
                column.replace(older, rows[taken.standing])
                for name in names:
                    values = self._values[name]
                    values.replace(older, thinned(values.view()[:older], taken))
            self.size += len(column) * len(names)
            kept.append(column.view()[: int(np.searchsorted(column.view(), before))])
        return kept

    def _by_column(self, names: Iterable[str]) -> list[tuple[Column | None, list[str]]]:
        """Return the column of rows that each metric had so far, with the metrics of each."""
        found: dict[int, tuple[Column | None, list[str]]] = {}
        for name in names:
            column = self._rows.get(name)
            found.setdefault(id(column), (column, []))[1].append(name)
        return list(found.values())

    def _own(self, column: Column | None, names: list[str]) -> Column:
        """Return a column of rows that these metrics have and no others."""
        if column is not None and self._users[id(column)] == len(names):
            return column
        own = Column(np.int32) if column is None else column.copy()
        if column is not None:
            self._users[id(column)] -= len(names)
        self._users[id(own)] = len(names)
        for name in names:
            self._rows[name] = own
            self._values.setdefault(name, Column(np.float64))
        return own


def _of_same_rows(samples: Mapping[str, Samples]) -> list[list[str]]:
    """Return the names of samples, those that stand in the same rows together."""
    found: dict[int, list[str]] = {}
    alike: dict[tuple[int, int, int], tuple[Rows, list[str]]] = {}
    for name, each in samples.items():
        rows = each.rows
        if id(rows) not in found:
            key = len(rows), int(rows[0]), int(rows[-1])
            other, names = alike.setdefault(key, (rows, []))
            found[id(rows)] = names if np.array_equal(other, rows) else []
        found[id(rows)].append(name)
    return list({id(names): names for names in found.values()}.values())
