from tests.sources.console_log import read_console, settings_told, steps_of, values_of

AHEAD = "2031/05/06 07:08:09 - mmengine - INFO - "
TRAINED = (
    AHEAD + "Epoch(train)  [{}][{}/2]  lr: 4.0e-08  eta: 1 day, 2:03:04  time: 0.5  loss: {}\n"
)
LOG = (
    f"{AHEAD}Config:\ntrain_cfg = dict(by_epoch=True, max_epochs=12)\n"
    + "".join(TRAINED.format(epoch, n, 3 - epoch) for epoch in (1, 2) for n in (1, 2))
    + f"{AHEAD}Epoch(val)  [2][1/2]    eta: 0:00:01  time: 0.2  data_time: 0.1  \n"
    + f"{AHEAD}Epoch(val) [2][2/2]    coco/AP .5: 0.25  coco/AP (M): -1.0  time: 0.2\n"
)
DETECTRON = (
    "[05/06 07:08:09 d2.utils.events]:  eta: 0:10:00  iter: {}  total_loss: 2.5  loss_cls: 1.5"
    "    time: 0.5  last_time: 0.4  data_time: 0.01  lr: 1e-05  max_mem: 3000M\n"
)


def test_iterations_are_counted_through_the_epochs() -> None:
    rows, source = read_console(LOG)
    assert source.id == "mm-text"
    assert steps_of(rows) == [1, 2, 3, 4, 4]


def test_an_evaluation_is_its_result_and_not_its_progress() -> None:
    rows, _ = read_console(LOG)
    assert values_of(rows, "val/coco/AP .5") == [0.25]
    assert values_of(rows, "step_time") == [0.5] * 4


def test_the_planned_epochs_are_told() -> None:
    assert settings_told(LOG) == {"epochs": "12.0"}


def test_lines_of_mmcv_are_read_alike() -> None:
    line = "2031-05-06 07:08:09,123 - mmdet - INFO - Epoch [1][50/1000]\tlr: 1e-02, eta: 1 day, 2:03:04, loss: 2.5\n"  # noqa: E501 - as it is printed
    rows, source = read_console(line)
    assert source.id == "mm-text"
    assert steps_of(rows) == [50]
    assert values_of(rows, "train/loss") == [2.5]


def test_lines_of_detectron2_are_read_alike() -> None:
    rows, source = read_console(DETECTRON.format(19) + DETECTRON.format(39))
    assert source.id == "mm-text"
    assert steps_of(rows) == [19, 39]
    assert values_of(rows, "train/loss_cls") == [1.5, 1.5]
    assert values_of(rows, "data_time") == [0.01, 0.01]
