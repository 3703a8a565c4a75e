"""SQL from Python: connections and relations, PEP 249, the async twin, the notebook magic."""
