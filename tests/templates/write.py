"""`make templates`: has the AWS CDK write infra/templates."""

from __future__ import annotations

import sys

from tests.support.infra_tools import ROOT, run_tool


def main() -> int:
    """Writes them; what the CDK says goes on where it fails."""
    answer = run_tool("infra.app", str(ROOT / "infra" / "templates"))
    if answer.returncode != 0:
        print(answer.stderr, file=sys.stderr)
    return answer.returncode


if __name__ == "__main__":
    sys.exit(main())
