"""Label printing and barcode hardware gateway."""

__version__ = "0.1.0"
