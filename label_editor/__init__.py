"""The label editor: TypeScript in ``src``, what is built of it in ``static``, and its pages.

Nobody who installs the product needs Node: the built files are part of the repository and of the
wheel, and a test builds them again and compares.
"""
