"""EPL2 (page mode) as a virtual printer understands it."""
