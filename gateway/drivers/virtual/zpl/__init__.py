"""What a ZPL II printer understands: bytes in, commands, fields, ink."""
