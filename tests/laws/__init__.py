"""The four laws of *a table is a table*, and LIMIT, over a world made from the service models.

``python -m tests.laws aws.iam.users`` checks one table; ``LAWS=all pytest tests/laws`` all of them
(``LAWS_SERVICES=iam,ec2``, ``LAWS_SEED=7``). ``exceptions.toml`` says where a law does not hold,
and why.
"""
