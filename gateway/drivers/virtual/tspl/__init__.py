"""TSPL and TSPL2 as a virtual printer understands them."""
