"""The serial registry's values, tables and rules: what a scanned serial is, and may become."""
