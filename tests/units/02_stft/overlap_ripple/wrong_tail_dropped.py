"""The rest of the window after whole hops dropped

Expect: tail of the window
"""

def overlap_ripple(window, hop):
    if hop > len(window):
        return 1.0
    total = window[: len(window) // hop * hop].reshape(-1, hop).sum(0)
    return float((total.max() - total.min()) / total.max())
