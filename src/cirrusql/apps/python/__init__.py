"""SQL from Python: connections and relations, PEP 249, asyncio, the notebook magic."""
