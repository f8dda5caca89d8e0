"""What a CPCL printer understands: bytes in, lines, ink."""
