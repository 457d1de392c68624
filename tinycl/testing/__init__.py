"""For those who test kernels: hypothesis strategies for hard values, contracts and shapes.

`tinycl.testing.strategies` needs hypothesis, which ``pip install tinycl[test]`` brings.
"""
