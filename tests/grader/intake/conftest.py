"""The desks of three units as fixtures."""

import pytest
from intake_desk import Desk, desk_of


@pytest.fixture
def stft() -> Desk:
    return desk_of("02_stft")


@pytest.fixture
def ctc() -> Desk:
    return desk_of("12_ctc")


@pytest.fixture
def tasnet() -> Desk:
    return desk_of("19_tasnet")
