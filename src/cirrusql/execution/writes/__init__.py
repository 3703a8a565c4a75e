"""The writes of a plan: checked, shown, made, reported."""
