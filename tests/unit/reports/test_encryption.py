"""A report that leaves the application is locked with AES-256."""

from io import BytesIO

import pikepdf
import pytest

from tests.kit.documents import a_short_document
from visitapp.reports.document import CopyType
from visitapp.reports.encryption import encrypt
from visitapp.reports.visit_summary import visit_summary


def test_an_encrypted_report_opens_with_its_passphrase_only() -> None:
    plain = visit_summary(a_short_document(), CopyType.FAMILY)
    locked = encrypt(plain, "seven blue herons")
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(BytesIO(locked))
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(BytesIO(locked), password="seven")
    with pikepdf.open(BytesIO(locked), password="seven blue herons") as document:
        assert document.encryption.R == 6
        assert document.encryption.bits == 256
        assert len(document.pages) == 1


def test_an_empty_passphrase_is_refused() -> None:
    with pytest.raises(ValueError, match="passphrase"):
        encrypt(visit_summary(a_short_document(), CopyType.FAMILY), "")
