"""What scorers may do on Amazon Bedrock: ask judges by their profiles, and apply one guardrail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from infra.documents import Statement, statement


@dataclass(frozen=True, slots=True)
class Profile:
    """An inference profile by its ARN, and the model behind it by its ID."""

    arn: str
    model: str


PROFILE = Profile(
    "arn:${Partition}:bedrock:${Region}:${Account}:inference-profile/${InferenceProfile}",
    "${Model}",
)
GUARDRAIL = "arn:${Partition}:bedrock:${Region}:${Account}:guardrail/${Guardrail}"


def bedrock_statements(profiles: Iterable[Profile], guardrail: str) -> tuple[Statement, ...]:
    """InvokeModel, which authorises Converse, by these profiles only; ApplyGuardrail on one.

    A profile passes a call on to its model in regions of its own choice, which has to be allowed,
    too: in any region, and only by way of the profile, so that nobody calls the model itself.
    https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
    """
    found: list[Statement] = []
    for number, profile in enumerate(profiles, start=1):
        model = f"arn:${{Partition}}:bedrock:*::foundation-model/{profile.model}"
        only = {"ArnEquals": {"bedrock:InferenceProfileArn": profile.arn}}
        invoke = ("bedrock:InvokeModel",)
        found += [
            statement(f"BedrockProfile{number}", invoke, (profile.arn,)),
            statement(f"BedrockModel{number}", invoke, (model,), only),
        ]
    if guardrail:
        found.append(statement("BedrockGuardrail", ("bedrock:ApplyGuardrail",), (guardrail,)))
    return tuple(found)
