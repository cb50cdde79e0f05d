"""Every icon we name is in the face we ship."""

import pytest

from visitapp.ui import icons


@pytest.mark.parametrize("name", icons.NAMES)
def test_every_name_has_a_character_and_paints_something(dressed, name):
    painted = icons.pixmap(name, 20, icons.theme.current().colour("ink")).toImage()
    assert any(painted.pixelColor(x, y).alpha() for x in range(20) for y in range(20))
