"""A second provider: a small REST API of projects, issues and events, as unlike AWS as possible.

No regions, no accounts, a bearer token, JSON bodies, root arrays, pages by ``Link``, by number and
by next URL. ``source`` describes it, ``server`` is it.
"""

from cirrusql.api.model import ContextColumn
from cirrusql.providers.rest.access import Auth, Scheme, Server
from cirrusql.providers.rest.provider import RestProvider
from tests.support.tracker.source import TrackerSource

provider = RestProvider(
    TrackerSource(),
    Server("https://tracker.example.com", url_env="TRACKER_URL"),
    Auth(Scheme.BEARER, token_env="TRACKER_TOKEN"),
)

of_workspaces = RestProvider(
    TrackerSource(ContextColumn("workspace", "The workspace of the connection.")),
    Server(
        "https://{workspace}.example.com",
        url_env="TRACKER_URL",
        variables={"workspace": "TRACKER_WORKSPACE"},
    ),
    Auth(Scheme.BEARER, token_env="TRACKER_TOKEN"),
)
"""The same, each of whose connections is a workspace: a context column of its own."""
