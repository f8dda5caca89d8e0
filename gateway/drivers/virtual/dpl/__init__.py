"""What a DPL printer understands: commands and label formats in, labels and answers out."""
