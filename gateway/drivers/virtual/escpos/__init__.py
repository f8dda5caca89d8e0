"""What an ESC/POS printer understands: bytes in, text, codes, pictures and cuts."""
