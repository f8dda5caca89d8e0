"""What the project claims about speed, runnable: ``python -m benchmarks``.

Each module measures one thing. The peers it is measured against are started by the benchmark
itself, on loopback, in directories of their own, and run in the same rounds.
"""
