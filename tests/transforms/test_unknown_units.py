"""Units that the vocabulary does not know stay in the tasks and are told once a document."""

from __future__ import annotations

from transforms.body import BodyBuilder
from transforms.plans.reader import read_plan


def test_unknown_units_are_kept_and_told_once() -> None:
    builder = BodyBuilder()
    for line in (
        "一、公开规划。（市财政局、市云杉协同中心、各县区政府负责）",
        "二、公开预算。（责任单位：市云杉协同中心、市松风推进馆）",
        "三、公开决算。（市审计局负责）",
    ):
        builder.paragraph(line)
    body = builder.build(flattened=False)
    reading = read_plan(body, plan_year=2020, written=None, published=None, region=None)
    assert reading.tasks[0].lead_units == ["市财政局", "市云杉协同中心", "各县区政府"]
    assert [unit.agency for unit in reading.tasks[0].units] == ["finance", None, "county_governments"]
    (finding,) = (finding for finding in reading.findings if finding.rule == "P-UNIT")
    assert (finding.severity, finding.actual) == ("info", "市云杉协同中心、市松风推进馆")
    assert finding.message.endswith(": 2")
    assert body.text[finding.start : finding.end] == "市云杉协同中心"
