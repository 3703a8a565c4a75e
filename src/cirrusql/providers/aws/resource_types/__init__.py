"""CloudFormation's resource types: which properties can be set when, and the calls behind them."""
