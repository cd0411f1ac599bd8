"""What is installed."""

from __future__ import annotations

import pytest

from esreason.core.errors import UsageError
from esreason.core.machine import need


def test_a_missing_package_is_named_with_the_way_to_get_it() -> None:
    need("this", "json", extra="trl")
    with pytest.raises(UsageError, match=r"^this needs no_such_package: pip install 'esreason\[trl\]'$"):
        need("this", "json", "no_such_package", extra="trl")
