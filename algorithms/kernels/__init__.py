"""Compiled loops, and nothing else: what takes arrays apart faster than NumPy can.

Each module is imported where a network is large enough to be worth a compiler's second, and by
nobody before. The kernels let go of the interpreter's lock, so that a thread pool runs several at
once; they draw random numbers from a state that is handed in, so that the order of threads changes
nothing. Each has a plain twin in the tests that it is held to.
"""
