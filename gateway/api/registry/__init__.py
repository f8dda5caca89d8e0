"""The registry over HTTP: one router for each noun."""
