"""Options that several commands take, worded once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Settings file (YAML); the environment decides before it. Also PLIMSOLL_CONFIG.",
        rich_help_panel="Settings",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="For machines: JSON on standard output.")]
ResultFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="Results: JSON lines in protobuf's JSON mapping, or CSV; plain or gzip; - is "
        "standard input.",
        allow_dash=True,
    ),
]
ColumnMap = Annotated[
    str,
    typer.Option(
        "--map",
        metavar="FIELD=COLUMN,...",
        help="Which column of a CSV holds what, as response=answer,prompt=question. Fields: "
        "response, prompt, system, context, alternatives, logprobs, task_kind, language, model, "
        "result_id, tenant, conversation_id, finish_reason, regex, json_schema, enumeration.",
    ),
]
LabelFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Labels by result_id: JSONL with label and group, or a CSV with right, as "
        "`plimsoll audit` begins it.",
    ),
]
Learned = Annotated[
    Path | None,
    typer.Option(
        "--learned",
        metavar="FILE",
        help="What labels have taught, as `plimsoll promises --json` says it; else the prior "
        "speaks. Promises are those of when it was written.",
    ),
]
MaxHold = Annotated[
    float,
    typer.Option(
        "--max-hold",
        metavar="SECONDS",
        min=0,
        help="How long a judge that is away is waited for; less where the plan's max_hold is.",
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Stops at the first bad line.")]
ResultId = Annotated[
    str, typer.Argument(metavar="ID", help="tenant/result_id, or result_id of tenant `default`.")
]
Endpoint = Annotated[
    str,
    typer.Option(
        "--endpoint",
        metavar="HOST:PORT",
        help="The query service; query.listen of the settings.",
        rich_help_panel="Settings",
    ),
]
