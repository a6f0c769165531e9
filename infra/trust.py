"""Who may take a component's role: its service account, by EKS Pod Identity or by IRSA."""

from __future__ import annotations

from collections.abc import Mapping

from infra.documents import Document, Statement, document


def trust_documents() -> Mapping[str, Document]:
    """Both, by the names of their files."""
    return {
        "trust-pod-identity": document((_pod_identity(),)),
        "trust-irsa": document((_irsa(),)),
    }


def _pod_identity() -> Statement:
    """By tags of the session: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html."""
    return {
        "Sid": "PodIdentity",
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {
            "StringEquals": {
                "aws:RequestTag/eks-cluster-arn": "${EksCluster}",
                "aws:RequestTag/kubernetes-namespace": "${Namespace}",
                "aws:RequestTag/kubernetes-service-account": "${ServiceAccount}",
            }
        },
    }


def _irsa() -> Statement:
    """https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html."""
    return {
        "Sid": "Irsa",
        "Effect": "Allow",
        "Principal": {
            "Federated": "arn:${Partition}:iam::${Account}:oidc-provider/${OidcProvider}"
        },
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": {
            "StringEquals": {
                "${OidcProvider}:aud": "sts.amazonaws.com",
                "${OidcProvider}:sub": "system:serviceaccount:${Namespace}:${ServiceAccount}",
            }
        },
    }
