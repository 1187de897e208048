"""Causes: what explains the findings of a run, how surely, and what to do with its numbers."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from trainmon import rules
from trainmon.causes.cause import Cause
from trainmon.causes.diagnosis import Diagnosis
from trainmon.causes.facts import Facts
from trainmon.causes.graph import BY_ID, CAUSES
from trainmon.causes.ranking import diagnose
from trainmon.causes.readings import Readings
from trainmon.context import Context
from trainmon.incidents import Incident
from trainmon.rule import Severity
from trainmon.store.batch import HEADER, LogEvent

each_cause = pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)


def _incident(
    rule: str,
    *,
    row: int = 100,
    severity: Severity = Severity.WARNING,
    cleared: bool = False,
    metric: str | None = None,
    **evidence: object,
) -> Incident:
    place = float(row)
    return Incident(
        rule=rule,
        severity=severity,
        title=rule,
        metric=metric,
        rank=0,
        row=row,
        step=place,
        epoch=None,
        time=None,
        onset_row=row,
        onset_step=place,
        onset_epoch=None,
        last_row=row,
        last_step=place,
        cleared=cleared,
        evidence=evidence,
    )


def _facts(*incidents: Incident, config: Mapping[str, object] | None = None) -> Facts:
    context = Context()
    if config is not None:
        context = context.after(0, [LogEvent(0, HEADER, {"trainmon": 1, "config": config})])
    return Facts(incidents, context)


def _causes(*incidents: Incident, config: Mapping[str, object] | None = None) -> list[str]:
    return [diagnosis.cause for diagnosis in diagnose(_facts(*incidents, config=config))]


def _primary(*incidents: Incident, config: Mapping[str, object] | None = None) -> Diagnosis:
    return diagnose(_facts(*incidents, config=config))[0]


@each_cause
def test_a_cause_explains_rules_that_there_are(cause: Cause) -> None:
    assert cause.explains
    assert cause.signs
    assert set(cause.explains) <= set(rules.names())


@each_cause
def test_a_cause_names_rivals_that_there_are_and_not_itself(cause: Cause) -> None:
    assert set(cause.rivals) <= set(BY_ID) - {cause.id}


@each_cause
def test_a_cause_says_what_decides_what_disproves_and_what_to_do(cause: Cause) -> None:
    assert cause.title
    assert cause.decider
    assert cause.disproof
    assert all(cause.fix(_facts()))


@each_cause
def test_priors_and_likelihoods_are_probabilities(cause: Cause) -> None:
    assert 0 < cause.prior < 1
    facts = _facts(*(_incident(rule) for rule in cause.explains))
    assert all(0 <= sign.weight(facts) <= 1 for sign in cause.signs)


def test_every_rule_has_a_root_cause_but_the_list_of_risks() -> None:
    explained = {rule for cause in CAUSES if cause.kind == "root" for rule in cause.explains}
    assert explained == set(rules.names()) - {"config-risk"}


@each_cause
def test_a_cause_that_worsens_others_names_those_that_there_are(cause: Cause) -> None:
    assert set(cause.worsens) <= set(BY_ID) - {cause.id}


def test_without_findings_there_is_no_cause() -> None:
    assert _causes() == []


def test_what_was_only_info_and_is_over_needs_no_cause() -> None:
    assert _causes(_incident("loss-spike", severity=Severity.INFO, cleared=True)) == []


def test_an_info_alone_names_a_cause_only_where_its_rule_is_never_louder() -> None:
    assert _causes(_incident("clip-saturation", severity=Severity.INFO, median=3.0)) == []
    good = _incident("suspiciously-good", severity=Severity.INFO, metric="val/accuracy")
    assert _causes(good) == ["leakage"]


def test_a_perfect_ranking_alone_is_no_leakage() -> None:
    area = _incident("suspiciously-good", severity=Severity.INFO, metric="val/ap")
    assert _causes(area) == []


def test_two_findings_that_are_info_may_have_a_cause() -> None:
    infos = [_incident(rule, severity=Severity.INFO) for rule in ("overfitting", "early-stop")]
    assert _causes(*infos) == ["overfitting"]


@pytest.mark.parametrize(
    ("first", "cause"),
    [
        ("gradient", "lr-too-high"),
        ("learning rate", "lr-too-high"),
        ("loss scale", "precision-overflow"),
        ("nothing", "bad-batch"),
    ],
)
def test_what_came_first_tells_the_cause_of_a_nan(first: str, cause: str) -> None:
    assert _primary(_incident("non-finite", first=first)).cause == cause


def test_a_cause_for_which_nothing_speaks_is_a_rival_and_not_the_answer() -> None:
    assert "unnormalised-inputs" in _primary(_incident("non-finite", first="gradient")).rivals


def test_overfitting_with_a_collapse_is_one_cause() -> None:
    primary = _primary(_incident("overfitting"), _incident("metric-collapse", row=120))
    assert (primary.cause, primary.because) == ("overfitting", ("metric-collapse", "overfitting"))


def test_a_validation_loss_that_was_always_above_the_first_loss_has_not_learned() -> None:
    worse = _incident("overfitting")
    facts = replace(_facts(worse), readings=Readings(first_loss=1.4), best_val_loss=2.3)
    assert diagnose(facts)[0].cause == "labels-misaligned"
    assert diagnose(replace(facts, best_val_loss=1.3))[0].cause == "overfitting"


def test_answers_that_never_got_better_beside_an_untrained_loss_have_not_learned() -> None:
    worse = _incident("overfitting", train_at_best=2.05)
    readings = Readings(first_loss=2.08, loss=0.02)
    facts = replace(_facts(worse), readings=readings, best_val_loss=2.1)
    assert diagnose(facts)[0].cause == "overfitting"
    assert diagnose(replace(facts, answers_stood=True))[0].cause == "labels-misaligned"
    learned = replace(facts, answers_stood=True, best_val_loss=1.5)
    assert diagnose(learned)[0].cause == "overfitting"


@pytest.mark.parametrize(("had_learned", "blamed"), [(False, True), (True, False)])
def test_labels_that_were_learned_once_belong_to_their_inputs(
    *, had_learned: bool, blamed: bool
) -> None:
    stuck = _incident("not-learning", train_falls=True, had_learned=had_learned)
    assert (_primary(stuck).cause == "labels-misaligned") is blamed


def test_two_unrelated_roots_stay_two() -> None:
    causes = _causes(_incident("overfitting"), _incident("loader-spikes"))
    assert set(causes) == {"overfitting", "loader-spikes"}


def test_the_surest_of_two_roots_is_told_first() -> None:
    unsure = _incident("metric-collapse", severity=Severity.ERROR)
    found = diagnose(_facts(unsure, _incident("lr-schedule-ended")))
    sureness = [each.confidence for each in found if each.role == "primary"]
    assert sureness == ["high", "medium"]


def test_weights_that_never_moved_are_not_moved_too_fast() -> None:
    never = Readings(update_peak=0.0, update_ratio=0.0)
    frozen = _incident("update-ratio", median=0.0, severity=Severity.ERROR)
    facts = replace(_facts(frozen, _incident("grad-explosion")), readings=never)
    assert [each.cause for each in diagnose(facts)] == ["frozen-weights"]


def test_norms_that_were_logged_after_clipping_do_not_blame_the_clip() -> None:
    piled = _incident("clip-saturation", severity=Severity.INFO, after_clipping=True)
    assert "clip-saturation" not in _causes(_incident("non-finite", first="gradient"), piled)


@pytest.mark.parametrize(
    ("optimizer", "advice"),
    [("adamw", "leave lr as it is: adamw undoes"), ("sgd", "or lower lr: what acts now is 3e-6")],
)
def test_what_clipping_does_to_the_steps_depends_on_the_optimizer(
    optimizer: str, advice: str
) -> None:
    sgd = optimizer == "sgd"
    effective = 3e-6 if sgd else None
    clipped = _incident(
        "clip-saturation", median=10.0, scale_is_undone=not sgd, effective_lr=effective
    )
    config = {"clip": 0.1, "lr": 3e-4, "optimizer": optimizer}
    assert _primary(clipped, config=config).fix[1].startswith(advice)


def test_a_collapse_after_instability_is_the_learning_rate() -> None:
    spike = _incident("loss-spike", row=90)
    assert _primary(spike, _incident("metric-collapse", row=100)).cause == "lr-too-high"


@pytest.mark.parametrize(
    ("config", "missing"), [({"epochs": 9}, True), ({"patience": 3}, False), (None, False)]
)
def test_a_missing_early_stop_is_told_where_the_configuration_shows_it(
    config: dict[str, object] | None, *, missing: bool
) -> None:
    causes = _causes(_incident("overfitting"), config=config)
    assert ("missing-early-stop" in causes) is missing


def test_fixes_carry_the_numbers_of_the_run() -> None:
    nan = _incident("non-finite", row=412, severity=Severity.ERROR, first="gradient")
    fixes = _primary(nan, config={"lr": 3e-4}).fix
    assert fixes[0] == "lower lr from 3e-4 to 1e-4"
    assert fixes[-1] == "restart from the last checkpoint before step 412"


@pytest.mark.parametrize("lr", [0, -1.0, 5e-324, "inf", "nan", "auto", None])
def test_a_senseless_learning_rate_is_not_divided_by_three(lr: object) -> None:
    fixes = _primary(_incident("non-finite", first="gradient"), config={"lr": lr}).fix
    assert fixes[0] == "lower the lr to a third"


def test_the_best_checkpoint_is_named_by_epoch_else_by_step() -> None:
    by_epoch = _primary(_incident("overfitting", best_epoch=3.0, best_step=3_000.0))
    assert "epoch 3" in by_epoch.fix[0]
    assert "step 3,000" in _primary(_incident("overfitting", best_step=3_000.0)).fix[0]


@pytest.mark.parametrize(
    ("workers", "fix"),
    [(12, "fewer workers: 12 to 8"), (2, "more workers if CPU and memory are idle: 2 to 6")],
)
def test_the_number_of_workers_decides_which_way_to_change_it(workers: int, fix: str) -> None:
    assert fix in _primary(_incident("loader-spikes"), config={"num_workers": workers}).fix


@pytest.mark.parametrize(
    ("doing", "fix"),
    [
        ("suspended", "kill -CONT PID"),
        ("swapping", "give it memory"),
        ("disk", "look at the disk"),
        ("collective", "find the rank that is missing"),
        ("idle", "look for a lock"),
        ("cpu", "py-spy dump --pid PID"),
    ],
)
def test_what_a_hanging_process_does_decides_where_to_look_first(doing: str, fix: str) -> None:
    primary = _primary(_incident("stalled", doing=doing))
    assert (primary.cause, primary.fix[0].startswith(fix)) == ("hang", True)


@pytest.mark.parametrize("by", ["compute", "clock", "memory", "exchange"])
def test_a_loader_is_no_cause_of_a_slowdown_that_names_another(by: str) -> None:
    slower = _incident("throughput-regression", explained_by=by, slowdown=1.9)
    waits = _incident("loader-bound", severity=Severity.INFO, share=0.04)
    assert _causes(slower, waits) == ["throughput-regression"]
    assert _primary(slower, waits).because == ("throughput-regression",)


@pytest.mark.parametrize("by", ["data", "unknown"])
def test_a_loader_may_be_the_cause_of_a_slowdown_that_names_no_other(by: str) -> None:
    slower = _incident("throughput-regression", explained_by=by, slowdown=1.9)
    waits = _incident("loader-bound", severity=Severity.INFO, share=0.04)
    assert _primary(slower, waits).cause == "loader-bound"


def test_a_bound_loader_beside_work_that_became_slower_is_another_trouble() -> None:
    slower = _incident("throughput-regression", explained_by="compute", slowdown=1.9)
    assert set(_causes(slower, _incident("loader-bound", share=0.3))) == {
        "loader-bound",
        "throughput-regression",
    }


def test_far_losses_that_come_again_are_batches_and_no_learning_rate() -> None:
    far = _incident(
        "loss-spike", cleared=True, spikes=7, share=0.4, median=0.4, batch=31.0, batches=93.0
    )
    primary = _primary(far)
    assert primary.cause == "bad-batch"
    assert primary.fix[0].startswith("look at the batch of step 100")
    assert "above 4" in primary.fix[-1]


def test_a_bad_batch_of_every_epoch_is_not_blamed_on_the_order_that_shows_it() -> None:
    far = _incident("loss-spike", cleared=True, spikes=7, median=0.4, batch=31.0, same_batch=7)
    order = _incident("unshuffled-data", severity=Severity.INFO)
    primary = _primary(far, order)
    assert (primary.cause, primary.confidence) == ("bad-batch", "high")
    assert primary.fix[0].startswith("look at batch 31 of any epoch")


def test_a_spike_that_stays_beside_far_losses_is_no_single_batch() -> None:
    stays = _incident("loss-spike", spikes=7, samples=50, median=0.4)
    assert _primary(stays).cause == "lr-too-high"


def test_an_idle_gpu_beside_single_stalls_does_not_make_a_loader_slow() -> None:
    starved = _incident("gpu-starved", explained_by="loader")
    assert _causes(_incident("loader-spikes", rate=0.015), starved)[0] == "loader-spikes"
    assert _causes(_incident("loader-bound"), starved)[0] == "loader-bound"


def test_stalls_at_a_period_are_no_slow_loader_as_long_as_most_batches_are_at_hand() -> None:
    bound = _incident("loader-bound")
    assert _causes(bound, _incident("loader-spikes", rate=0.12, period=8))[0] == "loader-spikes"
    assert _causes(bound, _incident("loader-spikes", rate=0.25, period=4))[0] == "loader-bound"
    assert _causes(bound, _incident("loader-spikes", rate=0.12))[0] == "loader-bound"
    assert _causes(bound, _incident("loader-spikes", rate=0.12, period=1))[0] == "loader-bound"


def test_a_threshold_is_not_to_blame_where_nothing_is_learned() -> None:
    cut = _incident("threshold-mismatch", auroc=0.5, chosen=False)
    one = _incident("class-collapse", why="counts")
    assert "threshold-mismatch" not in _causes(_incident("not-learning"), cut, one)
    beside_all_scores = _incident("threshold-mismatch", chosen=True, one_sided=True)
    assert _primary(_incident("not-learning"), beside_all_scores).cause == "threshold-mismatch"


def test_an_exception_that_tells_of_memory_is_surer_than_a_leak() -> None:
    crash = _incident("crashed", severity=Severity.ERROR, speaks_of="memory")
    assert _causes(crash, _incident("memory-leak"))[0] == "out-of-memory"


def test_a_refused_nan_is_one_of_a_rate_that_is_too_high() -> None:
    assert _primary(_incident("crashed", speaks_of="not finite")).cause == "lr-too-high"


def test_a_cause_whose_proof_is_missing_gives_way_to_one_that_has_none() -> None:
    (diagnosis,) = diagnose(_facts(_incident("loss-spike")))
    assert diagnosis.cause not in {"lr-warmup-reversed", "precision-overflow"}


def test_an_answer_that_is_one_thing_for_a_while_does_not_acquit_the_labels() -> None:
    over = _incident("class-collapse", severity=Severity.INFO, cleared=True)
    assert _primary(_incident("not-learning"), over).cause == "labels-misaligned"
    assert _primary(_incident("not-learning"), _incident("class-collapse")).cause == "dead-units"


def test_what_was_lost_on_the_training_data_too_is_not_overfitting() -> None:
    collapse = _incident("metric-collapse"), _incident("not-learning")
    lost = replace(_facts(*collapse), readings=Readings(first_loss=2.3, best_loss=0.1, loss=2.3))
    assert diagnose(lost)[0].cause == "bad-batch"


def test_a_starved_gpu_is_blamed_on_the_loader_that_starves_it() -> None:
    assert _primary(_incident("gpu-starved", explained_by="loader")).cause == "loader-bound"
    assert _primary(_incident("gpu-starved")).cause == "gpu-starved"


@pytest.mark.parametrize(
    ("optimizer", "cause"), [("sgd", "lr-too-low"), ("adam", "labels-misaligned")]
)
def test_a_rate_is_low_for_its_optimizer(optimizer: str, cause: str) -> None:
    settings = {"optimizer": optimizer, "lr": 1e-4}
    assert diagnose(_facts(_incident("not-learning"), config=settings))[0].cause == cause


def test_a_model_of_which_only_the_last_biases_learn_is_frozen() -> None:
    few = {"trainable_parameters": 10, "parameters": 3_818, "num_classes": 10}
    assert diagnose(_facts(_incident("not-learning"), config=few))[0].cause == "frozen-weights"


def test_an_auxiliary_loss_that_dominates_is_no_weighting_of_classes() -> None:
    found = _incident("not-learning"), _incident("aux-dominates"), _incident("class-collapse")
    assert diagnose(_facts(*found, config={"aux_weight": 100.0}))[0].cause == "aux-dominates"


def test_a_model_of_which_dropout_leaves_next_to_nothing_does_not_overfit() -> None:
    fades = _facts(_incident("overfitting"), config={"dropout": 0.98})
    assert diagnose(fades)[0].cause == "over-regularised"
    assert _primary(_incident("overfitting"), config={"dropout": 0.5}).cause == "overfitting"


def test_an_order_of_scores_that_never_changes_is_that_of_frozen_weights() -> None:
    order = _incident("frozen-metric", metric="val/auroc", value=0.72, before=0)
    collapse = _incident("class-collapse")
    assert _primary(order, collapse).cause == "frozen-weights"
    assert _primary(order, collapse, _incident("degenerate-scores")).cause != "frozen-weights"


def _with_rates(
    *incidents: Incident, lr: float, last: float, config: Mapping[str, object] | None = None
) -> list[str]:
    readings = Readings(lr=lr, first_loss=3.4, early_peak=17.0, loss=3.0)
    facts = replace(_facts(*incidents, config=config), last_lr=last, readings=readings)
    return [diagnosis.cause for diagnosis in diagnose(facts)]


def test_a_schedule_has_not_ended_where_the_log_shows_that_its_rate_is_up() -> None:
    frozen = _incident("frozen-metric", metric="val/accuracy", before=0)
    assert _with_rates(frozen, lr=0.5, last=0.5) == ["lr-too-high"]
    assert "lr-schedule-ended" not in _with_rates(frozen, lr=1e-3, last=1e-3)


def test_a_run_that_stood_above_its_start_was_thrown_off_by_the_peak_of_its_schedule() -> None:
    stuck = _incident("not-learning", train_falls=False)
    stands = Readings(lr=0.27, first_loss=1.4, early_peak=2.6, early_level=1.9, loss=1.5)
    facts = replace(_facts(stuck, config={}), last_lr=3e-3, readings=stands)
    first = diagnose(facts)[0]
    assert first.cause == "lr-too-high"
    assert first.fix[0] == "lower lr from 0.27 to 0.09"
    near = replace(stands, early_level=1.5)
    assert diagnose(replace(facts, readings=near))[0].cause != "lr-too-high"


def test_a_huge_rate_is_not_too_low_however_small_its_updates_are() -> None:
    small = _incident("update-ratio", median=1e-6)
    assert _with_rates(small, lr=1e-4, last=1e-4)[0] == "lr-too-low"
    assert _with_rates(small, lr=0.4, last=0.4)[0] == "lr-too-high"


def test_a_rate_is_huge_sooner_for_an_optimizer_whose_steps_are_as_large_as_it() -> None:
    small = _incident("update-ratio", median=1e-6)
    assert _with_rates(small, lr=0.2, last=0.2, config={"optimizer": "sgd"})[0] == "lr-too-low"
    assert _with_rates(small, lr=0.2, last=0.2, config={"optimizer": "adamw"})[0] == "lr-too-high"


def test_a_leap_of_a_loss_that_had_left_its_level_before_is_no_bad_batch() -> None:
    left = _incident("loss-divergence", row=150, severity=Severity.ERROR)
    leap = _incident("loss-spike", row=400, deviations=3_000.0)
    context = _facts().context
    seen = replace(context, observed=replace(context.observed, learning_row=100))
    alone = replace(_facts(leap), context=seen)
    assert diagnose(alone)[0].cause == "bad-batch"
    both = replace(_facts(left, leap), context=seen)
    assert diagnose(both)[0].cause == "lr-too-high"


def _fading(metric: str, loss: float) -> Facts:
    """Return a validation that gets worse till a metric is at nothing, beside a training loss."""
    worse = _incident("overfitting", metric="val/loss")
    fallen = _incident("metric-collapse", row=200, metric=metric)
    return replace(_facts(worse, fallen), readings=Readings(first_loss=2.0, loss=loss))


def test_answers_that_are_nearly_all_wrong_while_training_learns_tell_of_labels() -> None:
    assert diagnose(_fading("val/accuracy", loss=0.3))[0].cause == "labels-misaligned"


def test_a_rare_class_that_is_found_no_more_tells_of_overfitting() -> None:
    assert diagnose(_fading("val/recall", loss=0.3))[0].cause == "overfitting"


def test_an_evaluation_that_alone_is_not_finite_says_nothing_of_the_inputs_of_training() -> None:
    broken = _incident("non-finite", metric="val/loss", first="start")
    context = Context().after(0, metrics=["train/loss", "val/loss"])
    first = diagnose(replace(_facts(broken), context=context))[0]
    assert (first.cause, first.confidence) == ("bad-batch", "low")
    assert "each batch of the evaluation" in first.fix[0]


def _one_answer(share: float, commonest: float) -> Incident:
    """Return that all predictions are one class."""
    return _incident(
        "class-collapse", predicted_share=1.0, true_share=share, commonest_share=commonest
    )


def test_answers_that_are_all_a_rare_class_tell_of_weights_that_no_configuration_names() -> None:
    high = _incident("init-loss-high", row=10)
    assert _causes(_one_answer(0.04, 0.96), high)[0] == "class-weighting"
    assert "class-weighting" not in _causes(_one_answer(0.6, 0.6), high)
    assert "class-weighting" not in _causes(_one_answer(0.1, 0.12), high), "one of ten"


def _cut(*, chosen: bool, at: float = 0.5) -> Incident:
    """Return that nearly all are found where few are."""
    shares = {"predicted_share": 0.9, "true_share": 0.04, "auroc": 0.9, "lowest": 0.1}
    return _incident("threshold-mismatch", chosen=chosen, threshold=at, **shares)  # type: ignore[arg-type]  # evidence alone


def test_a_default_threshold_below_nearly_all_scores_of_a_rare_class_tells_of_weights() -> None:
    assert _causes(_cut(chosen=False))[0] == "class-weighting"
    assert _causes(_cut(chosen=True))[0] == "threshold-mismatch"
    assert _causes(_cut(chosen=False, at=0.0))[0] == "threshold-mismatch", "that of logits"


def test_huge_first_gradients_beside_unnormalised_inputs_are_their_work() -> None:
    told = (
        _incident("unnormalised-inputs", row=1, severity=Severity.INFO),
        _incident("loss-spike", row=40, severity=Severity.INFO),
        _incident("metric-collapse", row=60),
    )
    facts = replace(_facts(*told), readings=Readings(first_grad_norm=13_000.0))
    assert diagnose(facts)[0].cause == "unnormalised-inputs"


def test_labels_of_which_each_evaluation_learns_a_little_belong_to_their_inputs() -> None:
    stuck = _facts(_incident("not-learning"), config={"optimizer": "adam", "lr": 1e-4})
    assert diagnose(stuck)[0].cause == "labels-misaligned"
    assert diagnose(replace(stuck, val_loss_goes_down=True))[0].cause == "lr-too-low"


@pytest.mark.parametrize(
    ("train_at_best", "epoch", "cause"),
    [(0.8, 1, "labels-misaligned"), (1.05, 1, "overfitting"), (0.8, 4, "overfitting")],
)
def test_samples_that_are_new_to_both_cannot_be_learned_by_heart(
    train_at_best: float, epoch: int, cause: str
) -> None:
    worse = _incident("overfitting", train_at_best=train_at_best, best_epoch=epoch)
    readings = Readings(first_loss=1.4, loss=0.3)
    facts = replace(_facts(worse), readings=readings, best_val_loss=1.1, best_val_is_first=True)
    assert diagnose(facts)[0].cause == cause
    assert diagnose(replace(facts, metrics_rose=True))[0].cause == "overfitting"


@pytest.mark.parametrize(("norm", "blamed"), [(0.2, True), (1e-7, False)])
def test_losses_that_stand_where_shares_bring_them_blame_the_labels_if_gradients_flow(
    *, norm: float, blamed: bool
) -> None:
    found = [_incident(rule, metric="val/acc") for rule in ("frozen-metric", "metric-zero")]
    readings = Readings(first_loss=1.4, loss=0.94, grad_norm=norm, first_grad_norm=0.5)
    facts = replace(_facts(*found), readings=readings, val_stands_at_train=True)
    assert (diagnose(facts)[0].cause == "labels-misaligned") is blamed


def test_a_run_that_learned_in_the_end_had_its_labels_right() -> None:
    readings = Readings(grad_norm=1.0, update_ratio=1e-3)
    stood = replace(_facts(_incident("not-learning")), readings=readings)
    over = replace(_facts(_incident("not-learning", cleared=True)), readings=readings)
    assert diagnose(stood)[0].cause == "labels-misaligned"
    assert diagnose(over)[0].cause != "labels-misaligned"


@pytest.mark.parametrize(
    ("about", "message", "cause"),
    [
        ("shared memory", "bus error: out of shared memory", "out-of-memory"),
        ("killed", "exit code 137", "out-of-memory"),
        ("label", "Target 10 is out of bounds.", "label-index"),
        ("assertion on the GPU", "CUDA error: device-side assert triggered", "label-index"),
        ("disk", "No space left on device", "process-died"),
        ("unknown", "'attention_mask'", "process-died"),
    ],
)
def test_an_exception_tells_its_cause(about: str, message: str, cause: str) -> None:
    crash = _incident("crashed", severity=Severity.ERROR, speaks_of=about, message=message)
    assert _primary(crash).cause == cause


def test_what_to_do_about_memory_depends_on_whose_it_is() -> None:
    def first(kind: str, message: str) -> str:
        crash = _incident("crashed", speaks_of="memory", type=kind, message=message)
        return _primary(crash).fix[0]

    assert "batch" in first("OutOfMemoryError", "CUDA out of memory")
    assert "host" in first("RuntimeError", "DefaultCPUAllocator: can't allocate memory")
