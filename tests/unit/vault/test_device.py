"""A device key signs, and only its own signature over the same bytes verifies."""

import pytest

from visitapp.vault.device import DeviceKey, verify


def test_a_signature_verifies_for_its_key_and_message_only():
    key, other = DeviceKey.generate(), DeviceKey.generate()
    signature = key.sign(b"note")
    assert verify(key.public_bytes, signature, b"note")
    assert not verify(key.public_bytes, signature, b"note.")
    assert not verify(other.public_bytes, signature, b"note")
    assert not verify(key.public_bytes, signature[:-1], b"note")
    assert not verify(b"short", signature, b"note")


def test_a_key_taken_up_again_is_the_same():
    key = DeviceKey.generate()
    again = DeviceKey.from_bytes(key.private_bytes())
    assert again.public_bytes == key.public_bytes
    assert verify(key.public_bytes, again.sign(b"x"), b"x")


def test_a_key_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match="32"):
        DeviceKey.from_bytes(b"short")


def test_rfc_8032_vector():
    private = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    key = DeviceKey.from_bytes(private)
    assert key.public_bytes.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert key.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155")
