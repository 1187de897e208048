from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from trainmon.event_files.hparams import parameters_in_text, parameters_of_plugin


def test_what_a_session_of_the_plugin_began_with_is_read() -> None:
    data = HParamsPluginData()
    parameters = data.session_start_info.hparams
    parameters["lr"].number_value = 0.1
    parameters["optimizer"].string_value = "sgd"
    parameters["shuffle"].bool_value = True
    told = parameters_of_plugin(data.SerializeToString())
    assert told == {"lr": 0.1, "optimizer": "sgd", "shuffle": True}


def test_texts_of_arguments_are_settings_and_other_texts_are_not() -> None:
    assert parameters_in_text("args/text_summary", b'{"learning_rate": 0.1}') == {
        "learning_rate": 0.1
    }
    assert parameters_in_text("args", b"not at all") == {}
    assert parameters_in_text("args", b"[1]") == {}
    assert parameters_in_text("model_config/text_summary", b'{"dropout": 0.1}') == {}
    assert parameters_in_text("samples", b'{"lr": 0.1}') == {}
