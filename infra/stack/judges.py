"""Amazon Bedrock: an inference profile for judges, and a guardrail for grounding."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Aws, CfnOutput, CfnParameter, CfnTag, Stack
from aws_cdk import aws_bedrock as bedrock

from infra.bedrock_rights import Profile
from infra.documents import VERSION
from infra.stack.network import Network, endpoint


@dataclass(frozen=True, slots=True)
class Judges:
    """What scorers may ask."""

    profile: Profile
    guardrail: str


def judges(stack: Stack) -> Judges:
    """Makes the profile from the one of AWS that is named, and the guardrail."""
    source = CfnParameter(
        stack,
        "JudgeProfile",
        description="ID of the cross-region inference profile of the judges' model",
        allowed_pattern="[a-z-]+\\.[a-z0-9-]+\\.[A-Za-z0-9.:_-]+",
    )
    model = CfnParameter(
        stack, "JudgeModel", description="The model's own ID, without the geography"
    )
    mine = f"{Aws.PARTITION}:bedrock:{Aws.REGION}:{Aws.ACCOUNT_ID}"
    made = bedrock.CfnApplicationInferenceProfile(
        stack,
        "Judge",
        inference_profile_name=f"{Aws.STACK_NAME}-judge",
        model_source=bedrock.CfnApplicationInferenceProfile.InferenceProfileModelSourceProperty(
            copy_from=f"arn:{mine}:inference-profile/{source.value_as_string}"
        ),
        tags=[CfnTag(key="app", value="plimsoll")],
    )
    guardrail = _guardrail(stack)
    CfnOutput(stack, "JudgeProfileArn", value=made.attr_inference_profile_arn)
    profile = Profile(made.attr_inference_profile_arn, model.value_as_string)
    return Judges(profile, guardrail)


def endpoint_for_scorers(stack: Stack, where: Network, role: str) -> None:
    """Amazon Bedrock inside the network, for the scorers' role and what it may do there."""
    allowed = {
        "Effect": "Allow",
        "Principal": {"AWS": role},
        "Action": ["bedrock:ApplyGuardrail", "bedrock:InvokeModel"],
        "Resource": "*",
    }
    policy = {"Version": VERSION, "Statement": [allowed]}
    endpoint(stack, where, "bedrock-runtime", policy)


def _guardrail(stack: Stack) -> str:
    """Scores of grounding and relevance; its thresholds block nothing that Plimsoll asks."""
    filters = [
        bedrock.CfnGuardrail.ContextualGroundingFilterConfigProperty(type=kind, threshold=0.5)
        for kind in ("GROUNDING", "RELEVANCE")
    ]
    made = bedrock.CfnGuardrail(
        stack,
        "Guardrail",
        name=f"{Aws.STACK_NAME}-grounding",
        blocked_input_messaging="Blocked.",
        blocked_outputs_messaging="Blocked.",
        contextual_grounding_policy_config=(
            bedrock.CfnGuardrail.ContextualGroundingPolicyConfigProperty(filters_config=filters)
        ),
    )
    version = bedrock.CfnGuardrailVersion(
        stack, "GuardrailVersion", guardrail_identifier=made.attr_guardrail_id
    )
    CfnOutput(stack, "GuardrailId", value=made.attr_guardrail_id)
    CfnOutput(stack, "GuardrailNumber", value=version.attr_version)
    return made.attr_guardrail_arn
