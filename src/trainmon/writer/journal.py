"""What the parts of a writer have to work with: values beside a line, fetched, or listened to."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from trainmon.record import EventKind
from trainmon.writer.audience import Hear
from trainmon.writer.lines import Lines
from trainmon.writer.metrics_line import quick_line
from trainmon.writer.origins.command import masked_settings
from trainmon.writer.plain import Plain, plain, text


class Journal(Lines):
    """All that the public `Writer` offers is made of these few, and of lines.

    Nothing here raises or waits, but `settle`; any thread may call.
    """

    __slots__ = ()

    @property
    def config(self) -> Mapping[str, Plain]:
        """The configuration as far as the log tells it."""
        return self._config

    def beside(self, metrics: Mapping[str, object], *, replacing: bool = False) -> None:
        """Let `metrics` join the next line that the script logs.

        If one of their names is waiting already, those that wait go out first, on a line of their
        own at an estimated step, or are replaced. What the script logs itself under the same name
        wins. Costs about 3 us and raises nothing.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     log.beside({"tokens": 4096})
        ...     log.log({"train/loss": 0.5}, step=1)
        """
        with self.guard("beside"):
            if replacing:
                self._beside.drop(metrics)
            elif self._beside.has_one_of(metrics):
                self._log_beside(self._steps.between())
            self._beside.add(metrics)
            self._attended = True

    def alone(self, metrics: Mapping[str, float]) -> None:
        """Append finite `metrics` on a line of their own that tells no step, as of this moment.

        For what another thread reads at a pace of its own: a step that the loop has left meanwhile
        would look like one that is done again. Costs 2 us and raises nothing.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     log.alone({"sys/cpu": 0.5})
        """
        try:
            line = quick_line(metrics, {"time": (now := self._clock())})
            if line is not None:
                self._outlet.write(line, now)
        except Exception as error:  # noqa: BLE001 - training goes on whatever becomes of its log
            self._losses.drop(error)

    def fetch(self, tensor: Any, then: Callable[[list[float]], None]) -> None:  # noqa: ANN401 - of any library
        """Bring the values of a 1-D tensor to the host without waiting, and give them to `then`.

        It is called at once for a tensor on the host; else by this thread or a background one,
        soon after it has arrived. Costs 2 us, on a GPU as much as to log a value. Raises nothing,
        whatever `then` raises.

        >>> import torch
        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     log.fetch(torch.tensor([1.0, 2.0]), print)
        [1.0, 2.0]
        """
        with self.guard("fetch"):
            self._outlet.fetch(tensor, then, self.guard("fetch"))

    def listen(self, names: Collection[str], hear: Hear) -> None:
        """Let `hear` have the values and the step of each line that holds one of `names`.

        Values of a GPU are heard when they have arrived. Costs 1 us per line that is listened to;
        raises nothing,
        whatever `hear` raises.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     log.listen(["val/f1"], lambda line, step: print(step, line["val/f1"]))
        ...     log.log({"val/f1": 0.7}, step=100)
        100.0 0.7
        """
        self._audience.listen(names, hear)
        self._attended = True

    def configure(self, settings: Mapping[str, object]) -> None:
        """Add to the configuration what it does not tell yet, or tells otherwise.

        Secrets are masked. Costs about 10 us and raises nothing.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     log.configure({"total_steps": 10_000})
        """
        with self.guard("configure"):
            known = self._config
            told = masked_settings({text(n): plain(value) for n, value in settings.items()})
            new = {n: value for n, value in told.items() if n not in known or known[n] != value}
            if new:
                self._config |= new
                self.event(EventKind.CONFIG, config=new)
