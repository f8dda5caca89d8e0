"""A queue of reads for each scanner: threads between devices and stations."""
