"""A scoring plan is read whole: every mistake with its line and a suggestion."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.plan import Plan, Resampling
from plimsoll.domain.result import TaskKind
from plimsoll.settings.plan import load_plan

KNOWN = ("sequence_probability", "context_coverage", "response_length")
GOOD = """\
max_hold: 5m
rules:
  - name: grounded
    tenants: [acme]
    task_kinds: [grounded_qa, summarization]
    metrics: [context_coverage, sequence_probability]
    deadline: 500ms
  - metrics: all
"""


def plan_of(folder: Path, text: str) -> Plan:
    file = folder / "plan.yaml"
    file.write_text(text, encoding="utf-8")
    return load_plan(file, KNOWN)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        plan_of(folder, text)
    return str(caught.value).splitlines()


def test_a_plan_says_what_runs_for_whom(tmp_path: Path) -> None:
    """The first rule that matches decides; times are read with their units."""
    plan = plan_of(tmp_path, GOOD)
    grounded = plan.rule_for("acme", TaskKind.GROUNDED_QA)
    assert grounded.metrics == ("context_coverage", "sequence_probability")
    assert grounded.deadline == timedelta(milliseconds=500)
    assert plan.rule_for("acme", TaskKind.CODE).metrics is None
    assert plan.max_hold == timedelta(minutes=5)


def test_without_a_file_everything_runs() -> None:
    """The default plan matches every result and asks for every metric."""
    plan = load_plan(None, KNOWN)
    assert plan.rule_for("anyone", TaskKind.UNSPECIFIED).metrics is None


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    """All problems of a plan come together, each with file, line and what was meant."""
    found = problems(
        tmp_path,
        """\
rules:
  - name: one
    tenant: [acme]
    task_kinds: [grounded_q]
    metrics: [context_coverag]
    deadline: 30
  - metrics: all
max_hld: 5m
""",
    )
    file = tmp_path / "plan.yaml"
    assert found == [
        f"{file}:3: a rule has no tenant: did you mean tenants?",
        f"{file}:4: there is no task kind grounded_q: did you mean grounded_qa?",
        f"{file}:5: there is no metric context_coverag: did you mean context_coverage?",
        f"{file}:6: deadline 30 is not a time up to 7 days, such as 500ms, 30s or 15m",
        f"{file}:8: a plan has no max_hld: did you mean max_hold?",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: []\n", "a plan needs rules"),
        ("{}\n", "a plan needs rules"),
        ("rules:\n  - tenants: [a]\n    metrics: all\n", "no rule matches everything"),
        ("rules:\n  - metrics: all\n  - metrics: all\n", "never reached"),
        ("rules:\n  - tenants: [A B]\n    metrics: all\n  - metrics: all\n", "tenant 'A B'"),
        ("rules:\n  - name: x\n", "a rule needs metrics"),
        ("rules:\n  - metrics: context_coverage\n", "is a list of words"),
        ("rules:\n  - metrics: [1]\n", "1 is none (quote it)"),
    ],
)
def test_a_plan_that_leaves_a_hole_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """Every result has one rule, every rule its metrics, and no rule is out of reach."""
    assert said in "\n".join(problems(tmp_path, text))


def test_the_version_follows_what_the_plan_says(tmp_path: Path) -> None:
    """Names, comments and the order of words change no version; metrics and times do."""
    version = plan_of(tmp_path, GOOD).version
    renamed = GOOD.replace("name: grounded", "name: other  # a remark")
    reordered = renamed.replace("[grounded_qa, summarization]", "[summarization, grounded_qa]")
    assert plan_of(tmp_path, reordered).version == version
    assert plan_of(tmp_path, GOOD.replace("500ms", "501ms")).version != version
    assert plan_of(tmp_path, GOOD.replace("[acme]", "[acme, b]")).version != version


def test_a_new_metric_makes_another_default_plan() -> None:
    """Where everything runs, one metric more is another plan, so scores have other IDs."""
    assert load_plan(None, KNOWN).version != load_plan(None, (*KNOWN, "another")).version


POLICED = """\
policies:
  - name: strict
    conditions:
      - name: off topic
        when: {scores.context_coverage: "< 0.2"}
        then: reject
      - name: judge was busy
        when: {scores.sequence_probability: "absent for throttled, timed_out"}
        then: review
      - name: sure enough
        when: {lower_bound: ">= 0.7", scores.context_coverage: present, promise: "<= 0.05"}
        then: accept
    otherwise: review
rules:
  - metrics: all
    policy: strict
"""


def test_a_rule_names_its_policy(tmp_path: Path) -> None:
    """Conditions are read in order, with their clauses."""
    policy = plan_of(tmp_path, POLICED).rules[0].policy
    assert policy is not None
    assert [condition.name for condition in policy.conditions] == [
        "off topic",
        "judge was busy",
        "sure enough",
    ]
    assert policy.conditions[1].clauses[0].reasons == {
        AbsenceReason.THROTTLED,
        AbsenceReason.TIMED_OUT,
    }
    assert len(policy.conditions[2].clauses) == 3


def test_a_policy_is_part_of_the_version(tmp_path: Path) -> None:
    """Another threshold is another plan: its scores have other IDs."""
    one = plan_of(tmp_path, POLICED)
    other = plan_of(tmp_path, POLICED.replace("0.7", "0.8"))
    assert one.version != other.version


@pytest.mark.parametrize(
    ("instead", "of", "said"),
    [
        ("policy: strikt", "policy: strict", "did you mean strict?"),
        ("lower_bund:", "lower_bound:", "nothing is called lower_bund: did you mean lower_bound?"),
        ('">= 7"', '">= 0.7"', "no comparison with a number in [0, 1]"),
        ('"about 0.7"', '">= 0.7"', "no comparison"),
        ("then: acept", "then: accept", "then is one of accept, review, reject"),
        ("throtled", "throttled", "did you mean throttled?"),
        ("scores.context_coverag:", "scores.context_coverage:", "did you mean context_coverage?"),
        ("otherwise: maybe", "otherwise: review", "otherwise is one of"),
    ],
)
def test_mistakes_in_policies_are_told(tmp_path: Path, instead: str, of: str, said: str) -> None:
    """Each with its line and what was probably meant."""
    found = problems(tmp_path, POLICED.replace(of, instead, 1))
    assert any(said in line and ".yaml:" in line for line in found), found


DRAWING = """\
redact_pii: true
panels:
  - {name: strict, rubric: correctness, judges: [quick]}
  - {name: open, rubric: correctness, judges: [quick], redact_pii: false}
rules:
  - metrics: all
    panels: [strict, open]
    resampling: {samples: 3, judge: quick, temperature: 0.5, max_output_tokens: 200}
"""
JUDGES = {"quick": "a-model", "slow": "b-model"}


def drawing(folder: Path, text: str = DRAWING, judges: Mapping[str, str] = JUDGES) -> Plan:
    file = folder / "plan.yaml"
    file.write_text(text, encoding="utf-8")
    return load_plan(file, KNOWN, judges)


def test_a_rule_says_how_alternatives_are_drawn(tmp_path: Path) -> None:
    """All of it is read; left out, five are drawn of the result's own model."""
    (rule,) = drawing(tmp_path).rules
    assert rule.resampling == Resampling(3, "quick", 0.5, 200)
    usual = drawing(tmp_path, "rules: [{metrics: all, resampling: {}}]")
    assert usual.rules[0].resampling == Resampling(5, "", 1.0, 1_000)


def test_redaction_holds_for_all_but_exceptions(tmp_path: Path) -> None:
    """The plan's word holds for its rules, and for panels that have none of their own."""
    (rule,) = drawing(tmp_path).rules
    assert rule.redact_pii
    assert [panel.redact_pii for panel in rule.panels] == [True, False]


def test_what_is_drawn_and_shown_is_part_of_the_version(tmp_path: Path) -> None:
    """Another count, model, temperature, bound or redaction is another plan; a name is not."""
    changes = {
        "samples: 3": "samples: 4",
        "judge: quick, temp": "judge: slow, temp",
        "temperature: 0.5": "temperature: 0.6",
        "max_output_tokens: 200": "max_output_tokens: 201",
        "judge: quick, ": "",
        "redact_pii: true": "redact_pii: false",
        ", redact_pii: false": "",
    }
    versions = {drawing(tmp_path, DRAWING.replace(*change)).version for change in changes.items()}
    versions.add(drawing(tmp_path).version)
    versions.add(drawing(tmp_path, judges={"quick": "c-model", "slow": "b-model"}).version)
    assert len(versions) == len(changes) + 2
    renamed = drawing(tmp_path, DRAWING.replace("quick", "fast"), {"fast": "a-model"})
    assert renamed.version == drawing(tmp_path).version


def test_whoever_may_be_asked_is_part_of_the_version(tmp_path: Path) -> None:
    """Where nobody is named, another model among the judges may change who answers."""
    text = "rules: [{metrics: all, resampling: {}}]"
    more = drawing(tmp_path, text, {**JUDGES, "new": "c-model"})
    assert more.version != drawing(tmp_path, text).version


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("{samples: 0}", "samples is a number from 1 to 20"),
        ("{temperature: 0}", "temperature is a number from 0.1 to 1"),
        ("{max_output_tokens: 1}", "max_output_tokens is a number from 16"),
        ("{judge: quik}", "there is no judge quik"),
        ("{sample: 3}", "resampling has no sample"),
        ("5", "resampling is a mapping"),
    ],
)
def test_mistakes_in_drawing_are_told(tmp_path: Path, wrong: str, told: str) -> None:
    """Each with its line and what was meant."""
    with pytest.raises(ConfigurationError, match=told):
        drawing(tmp_path, f"rules:\n  - metrics: all\n    resampling: {wrong}\n")


def test_drawing_needs_somebody(tmp_path: Path) -> None:
    """Without judges in the settings there is nobody to draw from."""
    with pytest.raises(ConfigurationError, match="resampling needs judges"):
        drawing(tmp_path, "rules: [{metrics: all, resampling: {}}]", {})


def test_no_panel_has_another_budget_s_name(tmp_path: Path) -> None:
    """Panels and whatever else is paid for are told apart in budgets."""
    with pytest.raises(ConfigurationError, match="another name"):
        drawing(tmp_path, DRAWING.replace("strict", "resampling"))


def test_redaction_is_yes_or_no(tmp_path: Path) -> None:
    """A word that is neither is a mistake, not a guess."""
    with pytest.raises(ConfigurationError, match="true or false"):
        drawing(tmp_path, DRAWING.replace("redact_pii: true", "redact_pii: some"))


def test_an_expected_grade_is_part_of_the_version_and_for_one_sample(tmp_path: Path) -> None:
    """Log-probabilities are declared; they say nothing of several samples, which is a mistake."""
    known = DRAWING.replace("judges: [quick]}", "judges: [quick], by_logprobs: true}")
    assert drawing(tmp_path, known).rules[0].panels[0].by_logprobs
    assert drawing(tmp_path, known).version != drawing(tmp_path).version
    with pytest.raises(ConfigurationError, match="one sample"):
        drawing(tmp_path, known.replace("by_logprobs: true", "by_logprobs: true, samples: 3"))
