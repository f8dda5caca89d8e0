"""Printers that are programs: they read bytes, keep the paper, answer, and can be told to jam."""
