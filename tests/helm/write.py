"""`make chart`: writes what is made from values.yaml, the settings model and the templates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.helm.moved import moved_file
from tests.helm.readme import readme
from tests.helm.rendering import golden, rendered, scenarios
from tests.helm.schema import values_schema
from tests.helm.values_file import CHART
from tests.house.tree import CODE

GOLDEN = Path(__file__).with_name("golden")


def made() -> Iterator[tuple[Path, str]]:
    """Every file that is made, with its text, but for renderings."""
    yield CHART / "values.schema.json", values_schema()
    yield CHART / "README.md", readme()
    catalogue = (CODE / "settings" / "topics.yaml").read_text(encoding="utf-8")
    yield CHART / "files" / "topics.yaml", catalogue
    yield CHART / "files" / "moved.yaml", moved_file()


def renderings() -> Iterator[tuple[Path, str]]:
    """The golden file of each scenario."""
    for scenario in scenarios():
        yield GOLDEN / f"{scenario}.yaml", golden(rendered(scenario))


def main() -> None:
    """Writes them, the schema before anything is rendered with it."""
    GOLDEN.mkdir(exist_ok=True)
    for path, text in made():
        path.write_text(text, encoding="utf-8")
    written = dict(renderings())
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
    for path in GOLDEN.glob("*.yaml"):
        if path not in written:
            path.unlink()


if __name__ == "__main__":
    main()
