"""Encrypting a report that leaves the application as a file."""

from io import BytesIO


def encrypt(pdf: bytes, passphrase: str) -> bytes:
    """`pdf` locked with AES-256 under `passphrase`, which also is the owner's; raises ValueError for an empty one."""
    if not passphrase:
        raise ValueError("an encrypted report needs a passphrase")
    import pikepdf  # late: a session that saves nothing needs none of it

    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        document.save(
            out,
            encryption=pikepdf.Encryption(user=passphrase, owner=passphrase, R=6, aes=True, metadata=True),
        )
    return out.getvalue()
