"""The MCP server: what ``cirrusql mcp`` runs. The command alone knows click.

``desk`` does the work in a session and knows no MCP; ``server`` offers it as tools,
resources and prompts; ``http`` serves that on loopback behind a token.
"""
