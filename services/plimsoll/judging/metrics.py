"""The two metrics of a panel: what its judges say, and what follows for the result being right."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec
from plimsoll.domain.result import LlmResult
from plimsoll.domain.rubric import Panel

# Never on the event loop, and never in a compute process either: it waits for other machines.
_ASIDE = 1_000_000_000
_NOT_ASKED = Absence(AbsenceReason.NOT_CONFIGURED, "no judges can be asked here")


class PanelMetric:
    """A panel's entry in the catalogue; its number comes from judges, not from here."""

    def __init__(self, name: str, panel: Panel, summary: str) -> None:
        self.panel = panel
        self.spec = MetricSpec(
            name=name,
            version=panel.rubric.version,
            family=Family.JUDGE,
            summary=summary,
            needs=panel.rubric.needs,
            source="LLM-as-a-judge, arXiv:2306.05685; panels, arXiv:2404.18796",
            cost=Cost.PAID,
            raw_scale="grade on the rubric",
        )

    def work(self, result: LlmResult) -> int:
        """More than an event loop has time for."""
        del result
        return _ASIDE

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """`not_configured`: where judges can be asked, they are asked before it comes to this."""
        del result
        return _NOT_ASKED


def panel_metrics(panel: Panel) -> tuple[PanelMetric, PanelMetric]:
    """Both, under the names that plans and policies use."""
    says, right = panel.metrics
    return (
        PanelMetric(says, panel, f"Mean of the judges' grades. {panel.rubric.question}"),
        PanelMetric(right, panel, "P(right) given the judges' verdicts and reliability."),
    )
