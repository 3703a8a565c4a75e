"""The planner's passes: one file, one pass; their order is ``plan.planner.PASSES``."""
