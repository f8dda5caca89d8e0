"""What an SBPL printer understands: bytes in, commands, ink."""
