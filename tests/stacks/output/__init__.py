"""Tests of how a plan is shown."""
