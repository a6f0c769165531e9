"""A private network with AWS' services in it, or one that is there already."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Aws, CfnParameter, CfnTag, Fn, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs

from infra.documents import VERSION
from infra.stack.config import NetworkConfig

ZONES = 3
# What nodes of EKS Auto Mode, their pods and these need; Amazon Bedrock's is in bedrock.py.
_SERVICES = (
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "logs",
    "secretsmanager",
    "sts",
)


@dataclass(frozen=True, slots=True)
class Network:
    """A VPC, its private subnets in three zones, and the addresses that may come in."""

    vpc: str
    subnets: list[str]
    cidr: str
    endpoints_group: str | None


def network(stack: Stack, config: NetworkConfig, key: str) -> Network:
    """The network as the configuration wants it."""
    return _existing(stack) if config.existing else _created(stack, config.cidr, key)


def group(stack: Stack, name: str, where: Network, port: int, what: str) -> str:
    """A security group that lets the VPC in at one port, and nothing out."""
    made = ec2.CfnSecurityGroup(
        stack,
        name,
        group_description=what,
        vpc_id=where.vpc,
        security_group_ingress=[
            ec2.CfnSecurityGroup.IngressProperty(
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                cidr_ip=where.cidr,
                description="from the VPC",
            )
        ],
        security_group_egress=[
            ec2.CfnSecurityGroup.EgressProperty(
                ip_protocol="icmp",
                from_port=252,
                to_port=86,
                cidr_ip="255.255.255.255/32",
                description="nothing goes out",
            )
        ],
    )
    return made.attr_group_id


def endpoint(stack: Stack, where: Network, service: str, policy: object) -> None:
    """A service of AWS inside the network, for whom its policy names."""
    ec2.CfnVPCEndpoint(
        stack,
        "Endpoint" + service.title().replace(".", "").replace("-", ""),
        vpc_id=where.vpc,
        service_name=f"com.amazonaws.{Aws.REGION}.{service}",
        vpc_endpoint_type="Interface",
        private_dns_enabled=True,
        subnet_ids=where.subnets,
        security_group_ids=[where.endpoints_group] if where.endpoints_group else None,
        policy_document=policy,
    )


def _existing(stack: Stack) -> Network:
    vpc = CfnParameter(stack, "VpcId", type="AWS::EC2::VPC::Id")
    subnets = CfnParameter(
        stack,
        "SubnetIds",
        type="List<AWS::EC2::Subnet::Id>",
        description="Private subnets in at least two zones",
    )
    cidr = CfnParameter(stack, "VpcCidr", description="Addresses that may reach the store")
    return Network(vpc.value_as_string, subnets.value_as_list, cidr.value_as_string, None)


def _created(stack: Stack, cidr: str, key: str) -> Network:
    vpc = ec2.CfnVPC(
        stack,
        "Vpc",
        cidr_block=cidr,
        enable_dns_hostnames=True,
        enable_dns_support=True,
        tags=[CfnTag(key="Name", value=Aws.STACK_NAME)],
    )
    _flow_log(stack, vpc.ref, key)
    routes = ec2.CfnRouteTable(stack, "Routes", vpc_id=vpc.ref)
    blocks = Fn.cidr(cidr, ZONES, "12")
    subnets = [_subnet(stack, vpc.ref, routes.ref, zone, blocks) for zone in range(ZONES)]
    inside = Network(vpc.ref, subnets, cidr, None)
    endpoints = group(stack, "EndpointsGroup", inside, 443, "Services of AWS")
    inside = Network(vpc.ref, subnets, cidr, endpoints)
    for service in _SERVICES:
        endpoint(stack, inside, service, _own_account())
    ec2.CfnVPCEndpoint(
        stack,
        "EndpointS3",
        vpc_id=vpc.ref,
        service_name=f"com.amazonaws.{Aws.REGION}.s3",
        vpc_endpoint_type="Gateway",
        route_table_ids=[routes.ref],
        policy_document=_image_layers(),
    )
    return inside


def _subnet(stack: Stack, vpc: str, routes: str, zone: int, blocks: list[str]) -> str:
    made = ec2.CfnSubnet(
        stack,
        f"Subnet{zone + 1}",
        vpc_id=vpc,
        availability_zone=Fn.select(zone, Fn.get_azs()),
        cidr_block=Fn.select(zone, blocks),
        map_public_ip_on_launch=False,
        tags=[CfnTag(key="kubernetes.io/role/internal-elb", value="1")],
    )
    ec2.CfnSubnetRouteTableAssociation(
        stack, f"Subnet{zone + 1}Routes", subnet_id=made.ref, route_table_id=routes
    )
    return made.ref


def _flow_log(stack: Stack, vpc: str, key: str) -> None:
    """What was refused in the network, for 30 days."""
    written = logs.CfnLogGroup(stack, "FlowLogs", retention_in_days=30, kms_key_id=key)
    service = {"Service": "vpc-flow-logs.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}
    actions = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    write = {"Effect": "Allow", "Action": actions, "Resource": written.attr_arn}
    role = iam.CfnRole(
        stack,
        "FlowLogRole",
        assume_role_policy_document={"Version": VERSION, "Statement": [trust]},
        policies=[
            iam.CfnRole.PolicyProperty(
                policy_name="write",
                policy_document={"Version": VERSION, "Statement": [write]},
            )
        ],
    )
    ec2.CfnFlowLog(
        stack,
        "FlowLog",
        resource_id=vpc,
        resource_type="VPC",
        traffic_type="REJECT",
        log_group_name=written.ref,
        deliver_logs_permission_arn=role.attr_arn,
    )


def _own_account() -> object:
    return _policy("*", "*", {"StringEquals": {"aws:PrincipalAccount": Aws.ACCOUNT_ID}})


def _image_layers() -> object:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html, minimum for S3."""
    bucket = f"arn:{Aws.PARTITION}:s3:::prod-{Aws.REGION}-starport-layer-bucket/*"
    return _policy("s3:GetObject", bucket, None)


def _policy(action: str, resource: str, condition: object) -> object:
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}
    extra = {"Condition": condition} if condition else {}
    return {"Version": VERSION, "Statement": [statement | extra]}
