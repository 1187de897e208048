"""What findings say of one another: some weigh more beside others, some are explained by others.

A rule knows no other rule; what needs several of them stands in these two tables.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from trainmon.failures import COLLECTIVE
from trainmon.incidents import Incident
from trainmon.rule import Severity

RAISED: Mapping[str, frozenset[str]] = {
    "unnormalised-inputs": frozenset(
        {
            "clip-saturation",
            "grad-explosion",
            "grad-vanishing",
            "init-loss-high",
            "loss-divergence",
            "non-finite",
            "not-learning",
            "crashed",
        }
    ),
    "early-stop": frozenset({"overfitting"}),
}
"""Findings that are info by themselves, and a warning while one of these is a warning as well."""

EXPLAINED: Mapping[str, frozenset[str]] = {
    "train-above-val": frozenset({"accumulation-misreport"}),
    "generalisation-gap": frozenset({"accumulation-misreport", "overfitting"}),
    "init-loss-high": frozenset({"accumulation-misreport"}),
}
"""Findings that are not told while one of these stands, which says the same and why."""


def beside_one_another(incidents: Collection[Incident]) -> Iterator[Incident]:
    """Yield the findings of a run as they stand beside one another.

    >>> list(beside_one_another([]))
    []
    """
    standing = {i.rule for i in incidents if not i.cleared and i.standing > Severity.INFO}
    repeated = {incident.key for incident in _met_by_others(incidents)}
    for incident in incidents:
        if incident.key in repeated:
            continue
        if not standing.isdisjoint(EXPLAINED.get(incident.rule, ())):
            continue
        raised = not standing.isdisjoint(RAISED.get(incident.rule, ()))
        if raised and not incident.cleared and incident.severity == Severity.INFO:
            reopened = Severity.WARNING if incident.reopened is not None else None
            yield replace(incident, severity=Severity.WARNING, reopened=reopened)
        else:
            yield incident


def _met_by_others(incidents: Collection[Incident]) -> list[Incident]:
    """Return the failures of exchanges that tell nothing new.

    All ranks meet with the end of one: the first of them speaks for all, and none does where a rank
    has told a failure of its own.
    """
    crashed = [incident for incident in incidents if incident.rule == "crashed"]
    met = [incident for incident in crashed if _speaks_of_others(incident)]
    if any(not incident.cleared and not _speaks_of_others(incident) for incident in crashed):
        return met
    return sorted(met, key=lambda incident: (incident.cleared, incident.rank))[1:]


def _speaks_of_others(incident: Incident) -> bool:
    return incident.evidence.get("speaks_of") == COLLECTIVE
