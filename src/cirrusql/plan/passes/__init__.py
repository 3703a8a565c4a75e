"""The planner's passes, one per file; ``plan.planner.PASSES`` defines their order."""
