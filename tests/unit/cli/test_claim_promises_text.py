"""What people and programs read of promises about claims, and when they count as broken."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from plimsoll.cli.learned_file import LearnedFile
from plimsoll.cli.learned_reading import read_scopes
from plimsoll.cli.promises import broken_claims
from plimsoll.cli.promises_text import learned_json, print_learned
from plimsoll.domain.claims import ClaimGuarantee
from plimsoll.domain.learned import CertificateState, LearnedScope
from plimsoll.domain.learning import PromiseWatch
from tests.support.learned import ISSUED, learned_claims, watched_claims

NOW = ISSUED + timedelta(days=1)


def text_of(scope: LearnedScope) -> str:
    """What is printed."""
    console = Console(file=StringIO(), width=200, color_system=None)
    print_learned([scope], NOW, console, ())
    assert isinstance(console.file, StringIO)
    return " ".join(console.file.getvalue().split())


def test_a_promise_about_claims_says_what_audits_found() -> None:
    """Which filter promises what for whom, what was found, and how it stands."""
    said = text_of(learned_claims(watched_claims()))
    assert "default/grounded_qa (en): claims kept by claims-a, all_true at 0.1;" in said
    assert "a false one was kept in 1 of 2 audited responses" in said
    assert "certificate-claims-a: standing, last audited 2020-01-01" in said
    gone = text_of(learned_claims(watched_claims(ISSUED)))
    assert "certificate-claims-a: revoked 2020-01-01 00:00, 1 of 2 were bad" in gone


def test_a_promise_of_a_share_says_the_share() -> None:
    """The rate that the promise is about stands beside how many responses had a false claim."""
    claims = watched_claims()
    share = replace(claims.promise, guarantee=ClaimGuarantee.FALSE_SHARE)
    said = text_of(learned_claims(replace(claims, promise=share, lost=0.25)))
    assert "false_share at 0.1; a false one was kept in 1 of 2" in said
    assert "0.125 of a response's on average" in said


def test_a_promise_about_claims_is_broken_until_another_filter_is_audited() -> None:
    """One for the same tenant, task kind and language that stands; none that was before."""
    gone = learned_claims(watched_claims(ISSUED))
    other = replace(watched_claims(), filter_id="claims-b", certificate_id="certificate-claims-b")
    later = replace(learned_claims(other), update_time=ISSUED + timedelta(days=1))
    assert broken_claims([learned_claims(watched_claims())]) == []
    assert broken_claims([gone]) == [gone.claims]
    assert broken_claims([gone, later]) == []
    earlier = replace(later, update_time=ISSUED - timedelta(days=1))
    elsewhere = replace(later, key=replace(later.key, tenant="other"))
    for another in (earlier, elsewhere):
        assert broken_claims([gone, another]) == [gone.claims]


@pytest.mark.parametrize("revoked", [None, ISSUED])
def test_what_programs_read_of_claims_is_read_back(
    tmp_path: Path, revoked: datetime | None
) -> None:
    """`plimsoll score --learned` knows of each promise how it stood; bets stay behind."""
    scope = learned_claims(watched_claims(revoked))
    file = tmp_path / "learned.json"
    file.write_text(json.dumps([learned_json(scope, NOW, ())]), encoding="utf-8")
    [read] = read_scopes(file)
    assert read.claims == replace(watched_claims(revoked), watch=PromiseWatch(seen=2, wrong=1))
    taught = LearnedFile(file, [read], lambda: NOW)
    state = CertificateState.STANDING if revoked is None else CertificateState.REVOKED
    assert taught.state("certificate-claims-a") is state
    assert taught.state("certificate-claims-b") is CertificateState.UNWATCHED
