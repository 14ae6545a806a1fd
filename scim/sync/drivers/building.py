"""From a connector's row to the driver that writes for it."""

from django.conf import settings as deployment

from labsninja.kernel.outbound import OutboundClient, build_policy
from scim.queries import find_present_schemas
from scim.sync.drivers.base import Driver
from scim.sync.drivers.scim_push import SCIMDriver
from scim.sync.services.connectors import Settings
from scim.sync.store.connectors import Connector
from scim.targets import Profile, SCIMTarget, make_profile
from scim.targets.wire import BOUNDS


def build_driver(*, connector: Connector, secret: str) -> Driver:
    """Close it after use. Threads may share it."""
    client = OutboundClient(policy=build_policy({**deployment.LABSNINJA_OUTBOUND, **BOUNDS}))
    return SCIMDriver(
        target=build_target(connector=connector, secret=secret, client=client),
        schemas=find_present_schemas(),
        looks_first=Settings.from_dict(connector.settings).looks_first,
        close=client.close,
    )


def build_target(*, connector: Connector, secret: str, client: OutboundClient) -> SCIMTarget:
    """The connector's system."""
    profile = read_profile(connector=connector)
    return SCIMTarget(base_url=connector.settings["url"], token=secret, client=client, profile=profile)


def read_profile(*, connector: Connector) -> Profile:
    """What is known of the connector's system: by its preset, until it was tested."""
    known = connector.profile
    return Profile.from_dict(known) if known else make_profile(connector.settings.get("preset", "generic"))
