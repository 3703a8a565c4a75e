"""Data files with facts that AWS's documentation states and no model contains; each is read by a
catalog module."""

from cirrusql.api.overlay import Overlay

OVERLAY = Overlay(__name__)
