"""The registry's SQL: items, places, parties, lots, documents, serials, events, stock."""
