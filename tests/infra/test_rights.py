"""IAM policy documents: the least that works, of actions that exist, and as published."""

from __future__ import annotations

import pytest

from infra.bedrock_rights import Profile, bedrock_statements
from infra.filling import filled
from infra.publish import POLICIES, defaults, texts
from infra.rights import documents
from plimsoll.settings.kafka_rights import Pattern, kafka_rights
from plimsoll.settings.model import Settings
from plimsoll.settings.topics import TopicNames
from tests.infra.reading import TRUST, applies, known, pairs, roles

READS = {"kafka-cluster:Connect", "kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"}
GROUP = {"kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"}
WRITES = {
    "kafka-cluster:Connect",
    "kafka-cluster:DescribeTopic",
    "kafka-cluster:WriteData",
    "kafka-cluster:WriteDataIdempotently",
}
CREATES = {"kafka-cluster:CreateTopic", "kafka-cluster:DescribeTopicDynamicConfiguration"}
STORE = {"rds-db:connect"}
# The whole table, so that a right that is added has to be added here, too.
ACTIONS = {
    "scorer": READS | WRITES | GROUP | STORE | {"bedrock:InvokeModel", "bedrock:ApplyGuardrail"},
    "indexer": READS | WRITES | GROUP | STORE,
    "query": READS | WRITES | STORE,
    "observer": READS | WRITES | GROUP | CREATES,
    "topics": CREATES
    | STORE
    | {
        "kafka-cluster:Connect",
        "kafka-cluster:DescribeGroup",
        "kafka-cluster:DescribeTopic",
    },
    "keda": {
        "kafka-cluster:Connect",
        "kafka-cluster:DescribeTopic",
        "kafka-cluster:DescribeGroup",
    },
}
TOPIC = "arn:${Partition}:kafka:${Region}:${Account}:topic/${ClusterName}/${ClusterUuid}"
# A profile passes calls on to regions of its choice; faust names the observer's own topics.
WILDCARDS = {
    ("scorer", "arn:${Partition}:bedrock:*::foundation-model/${Model}"),
    ("observer", f"{TOPIC}/plimsoll-observer-*"),
}
OPERATIONS = {
    ("topic", "Read"): "ReadData",
    ("topic", "Write"): "WriteData",
    ("topic", "Create"): "CreateTopic",
    ("topic", "DescribeConfigs"): "DescribeTopicDynamicConfiguration",
    ("group", "Read"): "AlterGroup",
}


def test_published_documents_are_fresh() -> None:
    """Every file of infra/policies is what is made now, and there is no other."""
    assert {path.name: path.read_text() for path in POLICIES.iterdir()} == texts(defaults())


def test_defaults_are_the_settings_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is published does not depend on the environment of who publishes it."""
    before = texts(defaults())
    monkeypatch.setenv("PLIMSOLL_TOPICS__SCORES", "elsewhere")
    assert texts(defaults()) == before


def test_each_role_has_its_actions_and_no_other() -> None:
    """Roles and actions are the table above, to the last one."""
    assert {
        role: {action for statement in found["Statement"] for action in statement["Action"]}
        for role, found in roles().items()
    } == ACTIONS


def test_wildcards_stand_where_they_must_only() -> None:
    """No action has one, and resources have two: regions behind a profile, topics of faust."""
    found = {
        (role, resource)
        for role, held in roles().items()
        for statement in held["Statement"]
        for action, resource in pairs(statement)
        if "*" in action or "*" in resource
    }
    assert found == WILDCARDS


def test_every_action_exists() -> None:
    """The Service Authorization Reference knows each action, and refuses one that is misspelt."""
    held = documents(defaults()).values()
    actions = {a for found in held for statement in found["Statement"] for a in statement["Action"]}
    assert [action for action in sorted(actions) if not known(action)] == []
    assert not known("kafka-cluster:ReadDta")
    assert not known("bedrock:Converse")


def test_every_action_is_one_on_its_resources() -> None:
    """No statement pairs an action with a resource that it cannot be about."""
    wrong = [
        (role, action, resource)
        for role, found in roles().items()
        for statement in found["Statement"]
        for action, resource in pairs(statement)
        if not applies(action, resource)
    ]
    assert wrong == []
    cluster = "arn:${Partition}:kafka:${Region}:${Account}:cluster/a/b"
    assert not applies("kafka-cluster:ReadData", cluster)


@pytest.mark.parametrize("role", ["scorer", "indexer", "query", "observer"])
def test_rights_on_msk_are_the_rights_on_brokers(role: str) -> None:
    """A document allows what `plimsoll topics rights` lists on topics and groups, and nothing else.

    What an operation brings with it (to describe) is left out on both sides.
    """
    wanted = {
        (right.name + "*" * (right.pattern is Pattern.PREFIXED), OPERATIONS[right.resource, op])
        for right in kafka_rights(defaults())[role]
        for op in right.operations
    }
    found = {
        (resource.rpartition("/")[2], action.partition(":")[2])
        for statement in roles()[role]["Statement"]
        for action, resource in pairs(statement)
        if resource.partition("/")[0].endswith((":topic", ":group"))
    }
    implied = {pair for pair in found if pair[1] in ("DescribeTopic", "DescribeGroup")}
    assert found - implied == wanted
    assert {name for name, _ in implied} == {name for name, _ in wanted}


def test_names_come_from_the_settings() -> None:
    """A topic of another name and producers that are not idempotent change the documents."""
    settings = Settings(topics=TopicNames(feedback="labels"))
    settings.kafka.enable_idempotence = False
    text = str(documents(settings)["query"])
    assert "/labels'" in text
    assert "llm.feedback.v1" not in text
    assert "WriteDataIdempotently" not in text


def test_a_model_is_asked_by_its_profile_only() -> None:
    """Each model may be invoked under the condition of its own profile, and never without."""
    profiles = (Profile("arn:one", "model-a"), Profile("arn:two", "model-b"))
    found = bedrock_statements(profiles, "")
    models = {
        statement["Resource"][0].rpartition("/")[2]: statement["Condition"]
        for statement in found
        if "foundation-model" in statement["Resource"][0]
    }
    assert models == {
        "model-a": {"ArnEquals": {"bedrock:InferenceProfileArn": "arn:one"}},
        "model-b": {"ArnEquals": {"bedrock:InferenceProfileArn": "arn:two"}},
    }
    assert {statement["Action"][0] for statement in found} == {"bedrock:InvokeModel"}


@pytest.mark.parametrize("name", TRUST)
def test_trust_names_one_service_account(name: str) -> None:
    """Who may take a role is bound to one namespace and one service account, without patterns."""
    (statement,) = documents(defaults())[name]["Statement"]
    (operator,) = statement["Condition"]
    text = str(statement["Condition"])
    assert operator == "StringEquals"
    assert "${Namespace}" in text
    assert "${ServiceAccount}" in text
    assert "*" not in str(statement)


def test_filling_leaves_no_placeholder_and_names_what_is_missing() -> None:
    """Placeholders are replaced in keys and values; one that nobody knows is an error."""
    known_names = {"A": "x", "B": "y"}
    assert filled({"${A}:aud": ["${B}/${A}"]}, known_names) == {"x:aud": ["y/x"]}
    with pytest.raises(KeyError, match="C"):
        filled("${C}", known_names)
