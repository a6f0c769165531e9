"""What the documents name is there: files, headings, commands, options, targets, settings."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from plimsoll.cli.application import application
from plimsoll.ports.log_events import log_events
from plimsoll.settings.fields import every_setting
from plimsoll.settings.model import Settings
from tests.helm.values_file import values
from tests.house.tree import ROOT, short, tracked_files

PAGES = [path for path in tracked_files() if path.suffix == ".md"]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
PROMPT = re.compile(r"^\$ (.*)$", re.MULTILINE)
# Settings that are not fields of the model, and a module that a page shows how to write.
VARIABLES = {"PLIMSOLL_CONFIG"}
SHOWN = {"plimsoll.metrics.distinct_words"}

each_page = pytest.mark.parametrize("page", PAGES, ids=short)


def prose(page: Path) -> str:
    """A page without its code blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def commands(page: Path) -> Iterator[str]:
    """Commands that a page tells people to type, and those it names."""
    for language, block in FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "console":
            yield from (line.partition("  #")[0] for line in PROMPT.findall(block))
    yield from SPAN.findall(prose(page))


def anchors(page: Path) -> set[str]:
    """The headings of a page as links name them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link is a file or folder of the tree, and its anchor a heading there."""
    broken = []
    for link in LINK.findall(prose(page)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@each_page
def test_commands_are_there(page: Path) -> None:
    """Every `plimsoll` command and sub-command that is named exists, with the options shown."""
    wrong = []
    for line in commands(page):
        words = line.removeprefix(".venv/bin/").split()
        if words[:1] == ["plimsoll"] and len(words) > 1 and not runs(words[1:]):
            wrong.append(line)
    assert wrong == []


def runs(words: list[str]) -> bool:
    """Whether the words name a command, down to its options."""
    command: Any = get_command(application())
    while isinstance(command, TyperGroup):
        if not words:
            return False
        name, *words = words
        # `dlq list|show` names several.
        names = name.split("|")
        if any(one not in command.commands for one in names):
            return False
        command = command.commands[names[0]]
    known = {option for parameter in command.params for option in parameter.opts}
    return {word.partition("=")[0] for word in words if word.startswith("-")} <= known


@each_page
def test_targets_are_there(page: Path) -> None:
    """Every `make` target that is named is one of the Makefile's."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {words[1] for words in map(str.split, commands(page)) if words[:1] == ["make"]}
    assert named <= targets


@each_page
def test_settings_are_there(page: Path) -> None:
    """Every environment variable, dotted setting and value of the chart that is named exists."""
    text = page.read_text(encoding="utf-8")
    variables = {setting.variable for setting in every_setting(Settings)} | VARIABLES
    assert set(re.findall(r"\bPLIMSOLL_[A-Z0-9_]+\b", text)) <= variables
    names = {setting.name for setting in every_setting(Settings)}
    sections = {name.partition(".")[0] for name in names if "." in name}
    dotted = {
        span
        for span in SPAN.findall(prose(page))
        if re.fullmatch(r"[a-z_]+\.[a-z_]+", span) and span.partition(".")[0] in sections
    }
    chart = {inner.name for value in values() for inner in value.walk()}
    logged = {event.name for event in log_events()}
    assert dotted - {"store.db"} <= names | chart | logged


@each_page
def test_paths_are_there(page: Path) -> None:
    """Every path of the tree that is named is a file or a folder of it."""
    folders = "services|tests|docs|protos"
    spans = {span.rstrip("/") for span in SPAN.findall(prose(page))}
    named = {span for span in spans if re.fullmatch(rf"(?:{folders})(?:/[\w.-]+)*", span)}
    shown = {f"services/{name.replace('.', '/')}.py" for name in SHOWN}
    shown |= {f"tests/unit/metrics/test_{name.rpartition('.')[2]}.py" for name in SHOWN}
    assert [path for path in sorted(named - shown) if not (ROOT / path).exists()] == []


@each_page
def test_imports_in_examples_resolve(page: Path) -> None:
    """Whatever an example imports from Plimsoll is there under that name."""
    missing = []
    for language, block in FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "python":
            missing += [name for name in imported(block) if not importable(name)]
    assert missing == []


def imported(block: str) -> Iterator[tuple[str, str]]:
    """Modules of ours and the names that are taken from them; a block may hold bare `await`s."""
    lines = [line for line in block.splitlines() if re.match(r"(?:from|import) \S", line)]
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("plimsoll"):
            yield from ((node.module or "", alias.name) for alias in node.names)


def importable(name: tuple[str, str]) -> bool:
    """Whether a module has that name."""
    module, attribute = name
    return module in SHOWN or hasattr(importlib.import_module(module), attribute)


def test_the_readmes_first_screen_has_its_doors() -> None:
    """One sentence, the demo's picture and three doors come before the first heading below."""
    first = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## ")[0]
    assert "docs/pictures/demo.svg" in first
    assert re.findall(r"\[\*\*(.+?)\*\*\]", first) == ["Gate on it", "Run it", "Trust it"]
    assert {"make demo", "make test"} <= {
        line.partition("  #")[0].strip() for line in PROMPT.findall(first)
    }
