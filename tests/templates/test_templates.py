"""Published templates are what the app makes, are valid, and hold what they promise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.publish import POLICIES
from tests.support.infra_tools import run_tool
from tests.templates.reading import NAMES, TEMPLATES, joined, resources, template

COMPONENTS = ("scorer", "indexer", "query", "observer", "topics", "keda")
# CloudFormation takes no longer body than this without a bucket.
MAX_BODY_BYTES = 51_200
each_template = pytest.mark.parametrize("name", NAMES)


def test_published_templates_are_fresh(tmp_path: Path) -> None:
    """Synthesising again gives, byte for byte, the files of infra/templates and no other."""
    answer = run_tool("infra.app", str(tmp_path))
    assert answer.returncode == 0, answer.stderr[-2000:]
    published = {path.name: path.read_bytes() for path in TEMPLATES.iterdir()}
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == published
    assert set(published) == {f"{name}.template.json" for name in NAMES}


def test_cfn_lint_has_nothing_to_say() -> None:
    """Types, properties, values and IAM actions of every template are AWS' own."""
    answer = run_tool("infra.lint", *(str(path) for path in sorted(TEMPLATES.iterdir())))
    assert (answer.returncode, answer.stdout) == (0, ""), answer.stderr[-2000:]


def test_cfn_lint_would_say_it(tmp_path: Path) -> None:
    """A template with a property that is not there is refused, so that the test above can fail."""
    found = template("dev")
    found["Resources"]["Kafka"]["Properties"]["NumberOfBrokers"] = 3
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(found))
    answer = run_tool("infra.lint", str(path))
    assert answer.returncode != 0
    assert "NumberOfBrokers" in answer.stdout


@each_template
def test_no_bucket_and_no_bootstrap_is_needed(name: str) -> None:
    """A template is short enough to be sent as it is, and names no asset and no custom resource."""
    text = (TEMPLATES / f"{name}.template.json").read_text()
    assert len(text.encode()) <= MAX_BODY_BYTES
    kinds = {found["Type"] for found in template(name)["Resources"].values()}
    assert not {kind for kind in kinds if kind.startswith(("Custom::", "AWS::Lambda"))}
    assert "cdk-hnb659fds" not in text
    assert "BootstrapVersion" not in text


@each_template
def test_roles_allow_what_is_published(name: str) -> None:
    """Each component's role allows the published actions, by the same statements."""
    roles = resources(name, "IAM::Role")
    for component in COMPONENTS:
        (policy,) = roles[f"{component.title()}Role"]["Policies"]
        made = policy["PolicyDocument"]["Statement"]
        wanted = json.loads((POLICIES / f"{component}.json").read_text())["Statement"]
        assert [(one["Sid"], one["Action"]) for one in made] == [
            (one["Sid"], one["Action"]) for one in wanted
        ]
        tails = [[joined(arn).rpartition("/")[2] for arn in one["Resource"]] for one in made]
        kafka = [one for one in wanted if one["Sid"].startswith("Kafka")][1:]
        assert tails[1 : 1 + len(kafka)] == [
            [arn.rpartition("/")[2] for arn in one["Resource"]] for one in kafka
        ]


@each_template
def test_each_role_is_one_service_accounts(name: str) -> None:
    """Every component has one association, and its role's trust names the same service account."""
    associations = resources(name, "EKS::PodIdentityAssociation")
    roles = resources(name, "IAM::Role")
    assert set(associations) == {f"{component.title()}Identity" for component in COMPONENTS}
    for found in associations.values():
        role = roles[found["RoleArn"]["Fn::GetAtt"][0]]
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        tags = trust["Condition"]["StringEquals"]
        assert tags["aws:RequestTag/kubernetes-service-account"] == found["ServiceAccount"]
        assert tags["aws:RequestTag/kubernetes-namespace"] == found["Namespace"]


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_kafka_takes_iam_over_tls_only(name: str) -> None:
    """Brokers admit no one without IAM, speak TLS to all, and make no topic by themselves."""
    (cluster,) = resources(name, "MSK::Cluster").values()
    (settings,) = resources(name, "MSK::Configuration").values()
    assert cluster["ClientAuthentication"] == {
        "Sasl": {"Iam": {"Enabled": True}},
        "Unauthenticated": {"Enabled": False},
    }
    transit = cluster["EncryptionInfo"]["EncryptionInTransit"]
    assert transit == {"ClientBroker": "TLS", "InCluster": True}
    assert "auto.create.topics.enable=false" in settings["ServerProperties"]


@each_template
def test_the_store_is_private_and_encrypted(name: str) -> None:
    """Aurora forces TLS, is encrypted, is not public, and its password is in no template."""
    (cluster,) = resources(name, "RDS::DBCluster").values()
    (parameters,) = resources(name, "RDS::DBClusterParameterGroup").values()
    assert cluster["StorageEncrypted"] is True
    assert cluster["EnableIAMDatabaseAuthentication"] is True
    assert cluster["ManageMasterUserPassword"] is True
    assert "MasterUserPassword" not in cluster
    assert parameters["Parameters"] == {"rds.force_ssl": "1"}
    instances = resources(name, "RDS::DBInstance").values()
    assert {one["PubliclyAccessible"] for one in instances} == {False}


def test_existing_makes_no_network_and_no_cluster() -> None:
    """The template beside what is there makes neither VPC nor brokers nor Kubernetes."""
    kinds = {found["Type"] for found in template("existing")["Resources"].values()}
    assert not kinds & {"AWS::EC2::VPC", "AWS::MSK::Cluster", "AWS::EKS::Cluster"}


def test_what_prod_keeps() -> None:
    """Data outlives the stack: deletion is refused, and the key is retained."""
    (store,) = resources("prod", "RDS::DBCluster").values()
    (cluster,) = resources("prod", "EKS::Cluster").values()
    assert store["DeletionProtection"] is True
    assert cluster["DeletionProtection"] is True
    assert template("prod")["Resources"]["Key"]["DeletionPolicy"] == "Retain"
    assert cluster["ResourcesVpcConfig"]["EndpointPublicAccess"] is False
