"""A written 835 as text, for the tests of the core."""

import pytest

from tests.x12.samples_835 import check_with_everything, file_of


@pytest.fixture
def plain_835() -> str:
    return file_of(check_with_everything())
