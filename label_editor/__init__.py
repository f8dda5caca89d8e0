"""The label editor: its pages and the router that serves them."""
