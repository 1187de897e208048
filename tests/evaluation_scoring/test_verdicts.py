from tests.evaluation.case import Fault
from tests.evaluation_scoring.made_up import alarm, case, primary, verdict
from trainmon.rule import Severity


def test_a_fault_is_found_by_a_warning_of_any_of_its_rules() -> None:
    fault = Fault(frozenset({"non-finite", "grad-explosion"}), ("lr-too-high",), 100.0)
    assert verdict(case(fault), alarm("grad-explosion")).found
    assert not verdict(case(fault), alarm("loss-spike")).found


def test_an_info_does_not_find_a_fault_of_which_a_rule_can_warn() -> None:
    assert not verdict(case(), alarm(severity=Severity.INFO)).found


def test_an_info_finds_a_fault_of_which_no_rule_warns_by_specification() -> None:
    fault = Fault(frozenset({"suspiciously-good"}), ("leakage",), 0.0)
    assert verdict(case(fault), alarm("suspiciously-good", severity=Severity.INFO)).found


def test_what_was_said_only_before_the_fault_did_not_find_it() -> None:
    assert not verdict(case(), alarm(spoke=None, early=True)).found


def test_a_tool_that_does_not_tell_when_can_find_a_fault() -> None:
    told = verdict(case(), alarm(spoke=None))
    assert told.found
    assert told.delay is None


def test_the_delay_is_that_of_the_first_alarm_that_names_the_fault() -> None:
    told = verdict(case(), alarm("loss-spike", 100.0), alarm(spoke=160.0), alarm(spoke=140.0))
    assert (told.delay, told.delay_share) == (40.0, 0.04)


def test_a_fault_told_within_the_record_before_its_onset_has_no_delay() -> None:
    assert verdict(case(every=10), alarm(spoke=95.0)).delay == 0.0


def test_only_the_first_primary_cause_is_right() -> None:
    assert verdict(case(), causes=(primary("precision-overflow"),)).right
    wrong = verdict(case(), causes=(primary("bad-batch"), primary("lr-too-high")))
    assert not wrong.right
    assert wrong.nearly_right


def test_a_third_primary_cause_is_too_late() -> None:
    causes = (primary("bad-batch"), primary("overfitting"), primary("lr-too-high"))
    assert not verdict(case(), causes=causes).nearly_right


def test_the_first_rival_of_the_first_primary_cause_is_nearly_right() -> None:
    assert verdict(case(), causes=(primary("bad-batch", "lr-too-high"),)).nearly_right
    assert not verdict(case(), causes=(primary("bad-batch", "hang", "lr-too-high"),)).nearly_right
    second = (primary("bad-batch"), primary("hang", "lr-too-high"))
    assert not verdict(case(), causes=second).nearly_right


def test_enablers_and_accelerators_are_no_primary_causes() -> None:
    named = primary("lr-too-high")
    enabler = type(named)("lr-too-high", "enabler")
    assert not verdict(case(), causes=(enabler, primary("bad-batch"))).nearly_right
    assert verdict(case(), causes=(enabler, named)).right


def test_a_healthy_run_has_nothing_to_be_found() -> None:
    told = verdict(case(None), alarm(), causes=(primary("lr-too-high"),))
    assert (told.found, told.right, told.delay) == (False, False, None)
    assert len(told.warnings) == 1
