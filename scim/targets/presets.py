"""What services are known for, as their documentation says or as their users found out; checked in November 2026.

A preset says what differs from a plain SCIM server. It wins over what the service declares and loses against what is
observed there.
"""

from collections.abc import Mapping
from typing import Any, Final

PRESETS: Final[Mapping[str, Mapping[str, Any]]] = {
    "generic": {},
    # https://docs.aws.amazon.com/singlesignon/latest/developerguide/supported-apis.html
    "aws-identity-center": {
        "patch": "core",  # no emails[type eq "work"].value: one value per attribute
        "max_members_per_patch": 100,
        "filter_attributes": ["userName", "displayName", "externalId"],
        "paging": "cursor",
        "page_size": 100,
        "etag": False,
        "bulk": False,
        "answers_without_body": True,
    },
    # https://cloud.google.com/iam/docs/workforce-identity-federation-scim
    "google": {
        "filter_attributes": ["userName", "externalId", "displayName"],
        "paging": "none",
        "etag": False,
        "bulk": False,
    },
    # https://docs.github.com/enterprise-cloud@latest/rest/enterprise-admin/scim
    "github": {
        "filter_attributes": ["userName", "externalId", "id", "displayName"],
        "page_size": 100,
        "etag": False,
        "bulk": False,
    },
    # https://docs.slack.dev/reference/scim-api/rate-limits: 180 writes to users a minute, 20 at once
    "slack": {"page_size": 1000, "requests_per_second": 3.0, "etag": False, "bulk": False},
    # https://developer.atlassian.com/cloud/admin/user-provisioning/rest/
    "atlassian": {
        "filter_attributes": ["userName", "externalId", "displayName"],
        "page_size": 100,
        "etag": False,
        "bulk": False,
    },
    # https://docs.databricks.com/api/account/accountusers: limits come as 429 and as 500 with REQUEST_LIMIT_EXCEEDED
    "databricks": {"page_size": 100, "etag": False, "bulk": False},
}
TITLES: Final[Mapping[str, str]] = {
    "generic": "Any SCIM 2.0 service",
    "aws-identity-center": "AWS IAM Identity Center",
    "google": "Google Cloud workforce identity",
    "github": "GitHub Enterprise",
    "slack": "Slack",
    "atlassian": "Atlassian",
    "databricks": "Databricks",
}
