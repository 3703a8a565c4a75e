"""``cirrusql docs``: the catalog as pages."""
