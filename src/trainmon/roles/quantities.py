"""What is measured beside the model's quality: rates, norms, times, speeds, counts."""

import re

from trainmon.roles.role import Direction, MetricRole, Role

_LR = MetricRole(Role.LEARNING_RATE)
_GROUP_LR = MetricRole(Role.GROUP_LEARNING_RATE)
_NORM = MetricRole(Role.GRAD_NORM)
_DATA = MetricRole(Role.DATA_TIME, Direction.LOWER, "s")
_STEP = MetricRole(Role.STEP_TIME, Direction.LOWER, "s")
_SPEED = MetricRole(Role.THROUGHPUT, Direction.HIGHER, "/s")
_MEMORY = MetricRole(Role.MEMORY, Direction.UNKNOWN, "B")
_SHARE = MetricRole(Role.UTILISATION, Direction.HIGHER, "share")
_SCALE = MetricRole(Role.AMP_SCALE)
_COUNTER = MetricRole(Role.COUNTER)
_DURATION = MetricRole(Role.COUNTER, unit="s")

_TABLE: tuple[tuple[str, MetricRole], ...] = (
    ("lr learning_rate current_lr cur_lr lr_current", _LR),
    ("base_lr min_lr max_lr", _GROUP_LR),
    (
        (
            "grad_norm gnorm gradnorm gradient_norm gradients_norm grads_norm global_grad_norm"
            " total_grad_norm grad_norm_total grad_2.0_norm_total grad_total_norm global_norm"
            " total_norm grad_global_norm norm_grad"
        ),
        _NORM,
    ),
    (
        (
            "data_time dataloader_time dataloading_time data_load_time data_loading_time load_time"
            " time_data time/data timing/data data_wait data_wait_time loader_time loader_wait"
            " loader_wait_time fetch_time data_fetch_time batch_load_time batch_wait"
            " batch_wait_time batch_fetch_time wait_time input_wait input_wait_time loading_time"
            " dataload_time t_data"
        ),
        _DATA,
    ),
    (
        (
            "step_time iter_time iteration_time batch_time train_step_time time sec_per_step"
            " elapsed_time_per_iteration step_avg train_step_timing dt step_duration iter_duration"
            " iteration_duration batch_duration time_step time_iter time_batch time/step time/iter"
            " time/iteration time/batch timing/step"
            " step_wall_time t_step t_iter t_batch"
        ),
        _STEP,
    ),
    ("work_time", MetricRole(Role.WORK_TIME, Direction.LOWER, "s")),
    ("wps ups fps tps throughput it/s samples/s tokens/s imgs/s", _SPEED),
    (
        "tflops flops tflops_per_gpu model_tflops flops_per_second",
        MetricRole(Role.THROUGHPUT, Direction.HIGHER),
    ),
    (
        (
            "memory mem max_mem max_memory gpu_mem gpu_memory cuda_mem cuda_memory peak_mem"
            " peak_memory memory_allocated memory_reserved max_memory_allocated"
            " max_memory_reserved mem_allocated mem_reserved vram rss"
        ),
        _MEMORY,
    ),
    ("mfu hfu gpu_util gpu_utilization utilization", _SHARE),
    ("loss_scale loss_scaling loss_scaler grad_scale amp/scale scaler/scale amp_scale", _SCALE),
    (
        (
            "epoch epochs iteration iterations iter iters step steps global_step total_steps"
            " n_parameters num_parameters n_params params parameters total_flos num_updates"
            " n_updates samples tokens ntokens nsentences consumed_samples consumed_tokens"
            " total_timesteps timesteps bsz wpb batch_size global_batch_size total_env_interacts"
            " clip seed num_zeros gb_free momentum patience bad_epochs queue_size episodes"
        ),
        _COUNTER,
    ),
    (
        (
            "eta eta_seconds runtime time_elapsed elapsed elapsed_time wall walltime wall_time"
            " train_wall wall_clock timestamp total_time epoch_time rank_data_time"
            " preparation_time model_preparation_time compilation_time time_so_far seconds_elapsed"
            " seconds_total epoch_duration total_duration ts unix_time created_at"
            " time_total"
            " time_since_start since_start run_time"
        ),
        _DURATION,
    ),
)

_IN_SECONDS = re.compile(r"_(?:s|secs?|seconds)$")
"""How names of times end that tell their unit, be it behind ``step_time`` or behind ``step``."""

_WORDS = {word: role for words, role in _TABLE for word in words.split()}

_PATTERNS: tuple[tuple[re.Pattern[str], MetricRole], ...] = (
    (re.compile(r"(?:^|[/_])per_(?:s|secs?|seconds?)(?=$|[/_])|[a-z]/s(?:ec)?\)?$"), _SPEED),
    (
        re.compile(
            r"(?:^|[/_])(?:time|t|dt|s|secs?|seconds)(?:_per_|_?/)(?:step|iter|iteration|it|batch)$"
        ),
        _STEP,
    ),
    (re.compile(r"^(?:x/)?(?:lr|learning_rate)(?:_?(?:group|pg)?_?\d+|[/_]pg_?\d+)$"), _GROUP_LR),
    (re.compile(r"^lr_(?!scale|mult|factor|ratio|decay|step|patience|num)\w+$"), _GROUP_LR),
    (
        re.compile(r"^(?:n|num|number_of|cumulative|count)_|_(?:count|iterations|timesteps)$"),
        _COUNTER,
    ),
    (re.compile(r"^total_(?!.*(?:loss|norm|acc|score|error))"), _COUNTER),
)


def quantity_role(quantity: str) -> MetricRole | None:
    """Return the role of a quantity that is none of the model's quality; None for others.

    >>> quantity_role("tokens_per_second").role, quantity_role("optim/gnorm").role
    (<Role.THROUGHPUT: 'throughput'>, <Role.GRAD_NORM: 'gradient norm'>)
    """
    word = quantity.rpartition("/")[2]
    known = _WORDS.get(quantity) or _WORDS.get(word)
    if known is not None:
        return known
    if (ending := _IN_SECONDS.search(word)) is not None:
        stem = word[: ending.start()]
        timed = _WORDS.get(stem) if stem.endswith("time") else _WORDS.get(f"{stem}_time")
        if timed is not None and timed.unit == "s":
            return timed
    for pattern, role in _PATTERNS:
        if pattern.search(quantity) or pattern.search(word):
            return role
    return None
