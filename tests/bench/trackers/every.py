"""The trackers that are compared, ours first."""

from tests.bench.trackers.lightning_csv import LightningCsv
from tests.bench.trackers.tensorboard_events import TensorBoardEvents
from tests.bench.trackers.tracker import Tracker
from tests.bench.trackers.trackio_local import TrackioLocal
from tests.bench.trackers.trainmon_lines import Trainmon
from tests.bench.trackers.wandb_offline import WandbOffline

TRACKERS: tuple[Tracker, ...] = (
    Trainmon(),
    WandbOffline(),
    TensorBoardEvents(),
    TrackioLocal(),
    LightningCsv(),
)
