from tests.sources.console_log import read_console, settings_told, steps_of, values_of

JSON = """\
[2031-05-06 07:08:01,123][fairseq_cli.train][INFO] - {'_name': None, 'common': {'seed': 1}, 'optimization': {'max_epoch': 0, 'max_update': 5000, 'update_freq': [4]}}
[2031-05-06 07:08:02,123][train_inner][INFO] - {"epoch": 1, "update": 0.5, "loss": "9.3", "wps": "5012.1", "num_updates": "200", "lr": "3e-06", "gnorm": "1.4", "wall": "40"}
[2031-05-06 07:08:03,123][valid][INFO] - {"epoch": 1, "valid_loss": "7.9", "valid_num_updates": "400"}
[2031-05-06 07:08:03,123][train][INFO] - {"epoch": 1, "train_loss": "8.1", "train_num_updates": "400", "train_train_wall": "80"}
"""  # noqa: E501 - lines as they are printed

FIELDS = """\
2031-05-06 07:08:01 | INFO | train_inner | epoch 001:    200 / 480 loss=9.3, ppl=630.3, wps=5012.1, num_updates=200, lr=3e-06, gnorm=1.4
2031-05-06 07:08:02 | INFO | valid | epoch 001 | valid on 'valid' subset | loss 7.9 | ppl 238.9 | num_updates 480
2031-05-06 07:08:03 | INFO | train | epoch 001 | loss 8.1 | ppl 274.4 | num_updates 480
"""  # noqa: E501 - likewise


def test_numbers_that_are_texts_are_read() -> None:
    rows, source = read_console(JSON)
    assert source.id == "fairseq"
    assert values_of(rows, "train/loss") == [9.3]
    assert values_of(rows, "grad_norm") == [1.4]
    assert values_of(rows, "val/loss") == [7.9]


def test_fields_tell_the_same_as_objects() -> None:
    rows, _ = read_console(FIELDS)
    assert steps_of(rows) == [200, 480, 480]
    assert values_of(rows, "train/loss") == [9.3]
    assert values_of(rows, "val/ppl") == [238.9]


def test_the_mean_of_an_epoch_does_not_stand_in_the_curve() -> None:
    rows, _ = read_console(JSON)
    assert values_of(rows, "epoch_mean/loss") == [8.1]


def test_the_mean_of_an_epoch_is_the_curve_where_nothing_else_is() -> None:
    rows, _ = read_console("\n".join(JSON.splitlines()[2:]) + "\n")
    assert values_of(rows, "train/loss") == [8.1]


def test_the_configuration_is_told_without_limits_that_are_none() -> None:
    assert settings_told(JSON) == {"total_steps": "5000.0", "accum": "4.0"}
