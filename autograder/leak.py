"""The leak gate: nothing of a solution, a hidden test or a mark scheme reaches students."""


def refuse_leaks(solved, release, unit):
    """placeholder"""
