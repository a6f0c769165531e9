"""`make templates`: synthesises every configuration to infra/templates."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from aws_cdk import App, Stack

from infra.stack.config import load, names
from infra.stack.whole import whole

TEMPLATES = Path(__file__).with_name("templates")
CONTEXT = {"aws:cdk:enable-path-metadata": False, "aws:cdk:disable-asset-staging-metadata": True}


def stacks(app: App) -> dict[str, Stack]:
    """Every configuration's stack by its name."""
    return {name: whole(app, load(name)) for name in names()}


def synthesised() -> dict[str, str]:
    """The text of each published template by the name of its file."""
    app = App(context=CONTEXT)
    wanted = stacks(app)
    made = app.synth()
    return {
        f"{name}.template.json": text(made.get_stack_artifact(stack.artifact_id).template)
        for name, stack in wanted.items()
    }


def text(template: dict[str, dict[str, object]]) -> str:
    """A template with one resource a line: CloudFormation takes 51,200 bytes without a bucket."""
    sections = []
    for name, section in template.items():
        if not isinstance(section, dict):
            sections.append(f"{json.dumps(name)}: {json.dumps(section)}")
            continue
        lines = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in section.items())
        sections.append(f"{json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(sections) + "\n}\n"


def main(folder: Path) -> None:
    """Writes the templates."""
    folder.mkdir(exist_ok=True)
    for name, text in synthesised().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TEMPLATES)
