"""What is computed: pure functions of arrays, sparse matrices and tables."""
