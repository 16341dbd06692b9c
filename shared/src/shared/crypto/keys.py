"""Keys come as 64 hexadecimal characters (32 bytes) from the environment or a file."""

from pydantic import SecretStr

from shared.kernel.errors import ConfigError

KEY_BYTES = 32


def required_key(setting: str, secret: SecretStr | None) -> bytes:
    """Return the 32 bytes of a key setting.

    Raises:
        ConfigError: the setting is missing, not hexadecimal, or not 32 bytes.
    """
    if secret is None:
        raise ConfigError(setting, "is not set; it needs 64 hexadecimal characters")
    try:
        key = bytes.fromhex(secret.get_secret_value())
    except ValueError:
        raise ConfigError(setting, "is not hexadecimal") from None
    if len(key) != KEY_BYTES:
        raise ConfigError(setting, f"has {len(key)} bytes instead of {KEY_BYTES}")
    return key
