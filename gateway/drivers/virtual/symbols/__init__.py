"""Barcode symbols drawn from their specifications, independent of what the encoder draws with."""
