"""What the image is made of is what is tested here."""

from __future__ import annotations

import json
import re

from tests.house.tree import ROOT
from tests.support.sbom import bill, locked

LINE = re.compile(r"^[a-z0-9][^\s;]*==[^\s;]+", re.MULTILINE)


def test_the_image_installs_what_is_locked_for_the_tests() -> None:
    """Its lock is a part of the lock of all, and holds no broker of the demo."""
    image = set(LINE.findall((ROOT / "requirements-image.lock").read_text(encoding="utf-8")))
    everything = set(LINE.findall((ROOT / "requirements.lock").read_text(encoding="utf-8")))
    assert image < everything
    assert not [line for line in image if line.startswith("calfkit")]
    assert {"aiokafka", "asyncpg", "onnxruntime"} <= {line.split("==")[0] for line in image}


def test_the_bill_of_materials_lists_each_package_once() -> None:
    """Each package of the lock is a component, with its licence, and somebody asks for it."""
    document = bill("3.13")
    names = [component["name"] for component in document["components"]]
    assert names == sorted({one.name for one in locked("3.13")})
    assert [one for one in document["components"] if not one.get("licenses")] == []
    asked = {child for entry in document["dependencies"] for child in entry["dependsOn"]}
    assert asked == {component["bom-ref"] for component in document["components"]}
    assert json.dumps(document) == json.dumps(bill("3.13"))
