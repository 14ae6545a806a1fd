"""From a connector's row to the driver that writes for it."""

from django.conf import settings as deployment

from labsninja.kernel.outbound import OutboundClient, build_policy
from scim.sync.drivers.base import Driver
from scim.sync.drivers.scim_push import SCIMDriver
from scim.sync.services.connectors import Settings
from scim.sync.store.connectors import Connector
from scim.targets import Profile, SCIMTarget, make_profile


def build_driver(*, connector: Connector, secret: str) -> Driver:
    """Close it after use. Threads may share it."""
    client = OutboundClient(policy=build_policy(deployment.LABSNINJA_OUTBOUND))
    return SCIMDriver(
        target=build_target(connector=connector, secret=secret, client=client),
        looks_first=Settings.from_dict(connector.settings).looks_first,
        close=client.close,
    )


def build_target(*, connector: Connector, secret: str, client: OutboundClient) -> SCIMTarget:
    """The connector's system."""
    known = connector.profile
    profile = Profile.from_dict(known) if known else make_profile(connector.settings.get("preset", "generic"))
    return SCIMTarget(base_url=connector.settings["url"], token=secret, client=client, profile=profile)
