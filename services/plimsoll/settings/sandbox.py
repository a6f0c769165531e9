"""The sandbox that code from results runs in: its parts and its limits."""

from __future__ import annotations

from pydantic import BaseModel, Field


class SandboxSettings(BaseModel):
    """Where code from results runs; without a working sandbox it does not run at all."""

    enabled: bool = Field(
        False,
        description="Run code from results, in the sandbox; off, the metrics say `not_configured`.",
    )
    bubblewrap: str = Field(
        "bwrap", description="bubblewrap's program: a path, or a name to look for."
    )
    python: str = Field(
        "",
        description="Interpreter for Python and SQL, with the packages that code may import; "
        "where empty, one without packages is looked for.",
    )
    type_checker: str = Field(
        "",
        description="Interpreter that has mypy among its packages, which types of Python are "
        "checked by; where empty, that of sandbox.python. Code is not run by it.",
    )
    node: str = Field("", description="Node.js for JavaScript; where empty, one is looked for.")
    cpu_s: int = Field(1, ge=1, description="CPU time of one request to a program, in seconds.")
    wall_s: float = Field(
        20.0, gt=0, description="Wall clock of one program with all its requests, in seconds."
    )
    memory_mib: int = Field(
        256, ge=32, description="Memory of one process; all of a program's may have twice as much."
    )
    processes: int = Field(16, ge=4, description="Processes and threads at once.")
    scratch_mib: int = Field(8, ge=1, description="The scratch folder, which lies in memory.")
    output_kib: int = Field(
        64, ge=1, description="Output of one request; more than that counts as exhausted."
    )
