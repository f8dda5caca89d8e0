"""What a scan means at a station, what it does, and what the person there is told."""
