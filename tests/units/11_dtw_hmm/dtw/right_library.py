"""The function of course_lib.
"""
def dtw(cost):
    warp = signal.dtw(cost)
    return warp.total, warp.path
