"""AWS' Service Authorization Reference as cfn-lint carries it: actions, resources, forms of ARNs.

`python -m tests.support.iam_reference` fetches it and prints where it is.
"""

from __future__ import annotations

import json
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.real_parts import told
from tests.support.wheels import Wheel, cached, download

_CARRIER = Wheel(
    "cfn-lint",
    "1.58.0",
    "9d9f06043160756a6158f5c3f92a44ce38254b1c578127461608305bc8262987",
    6,
)
_DATA = "cfnlint/data/AdditionalSpecs/Policies.json"


def require_reference() -> Path:
    """The file; fetched the first time."""
    return cached(f"iam-reference-{_CARRIER.version}", _unpack) / "Policies.json"


@cache
def services() -> dict[str, Any]:
    """By service: `Actions` (names in small letters) with their `Resources`, and those' ARNs."""
    found: dict[str, Any] = json.loads(require_reference().read_text(encoding="utf-8"))
    return found


def _unpack(folder: Path) -> None:
    found = download(_CARRIER, folder)
    with zipfile.ZipFile(found) as wheel:
        (folder / "Policies.json").write_bytes(wheel.read(_DATA))
    found.unlink()


if __name__ == "__main__":
    sys.exit(told(require_reference))
