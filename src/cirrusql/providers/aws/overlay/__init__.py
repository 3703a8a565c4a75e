"""What AWS's documentation says and no model does: data files,
each read by a module of the catalog."""

from cirrusql.api.overlay import Overlay

OVERLAY = Overlay(__name__)
