"""TensorBoard's SummaryWriter of torch, which writes a file of events."""

from collections import Counter
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from tests.bench.bench_log import METRICS
from tests.bench.trackers.tracker import Log


class TensorBoardEvents:
    """A thread beside the training takes ten events at most and writes to a buffered file."""

    name = "TensorBoard SummaryWriter"
    needs = ("torch", "tensorboard")

    def environment(self, _folder: Path) -> Mapping[str, str]:
        """Return nothing: it goes where it is told to."""
        return {}

    def start(self, folder: Path) -> Log:
        """Begin a run; there is no call for several scalars of one curve each."""
        writer = import_module("torch.utils.tensorboard").SummaryWriter(folder / "events")

        def log(metrics: Mapping[str, float], step: int) -> None:
            for name, value in metrics.items():
                writer.add_scalar(name, value, step)

        return log

    def kept(self, folder: Path) -> set[int]:
        """Read the events, one per scalar."""
        loader = import_module("tensorboard.backend.event_processing.event_file_loader")
        (file,) = (folder / "events").iterdir()
        events = loader.LegacyEventFileLoader(str(file)).Load()
        found = Counter(event.step for event in events if event.HasField("summary"))
        return {step for step, scalars in found.items() if scalars == len(METRICS)}
