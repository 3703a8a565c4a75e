"""The member accounts of a sandbox's organization: connection name and account id."""

MEMBER_ACCOUNTS = {"production": "111122223333", "staging": "444455556666"}
"""In the order in which the organization creates them."""
