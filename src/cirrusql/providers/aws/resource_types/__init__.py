"""CloudFormation's resource types: what can be set when, and by whose calls."""
