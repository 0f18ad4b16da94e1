"""Boundaries within 50 ms are counted.

Expect: count boundaries
"""
def correctly_aligned(estimated, true, end, counted):
    return 100 * np.mean(np.abs(estimated - true)[counted] <= 0.05)
