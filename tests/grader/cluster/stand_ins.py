"""Loaded by each Dask worker of the tests: stand-ins for reader and examiner."""

import sys

import fakes


def dask_setup(worker) -> None:
    """Dask calls it when the worker starts."""
    sys.modules.update(fakes.stand_ins())
