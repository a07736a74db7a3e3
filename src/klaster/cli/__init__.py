"""The command line: each command is a thin skin over a library call named in its help."""
