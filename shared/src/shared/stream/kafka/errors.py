"""Broker errors, named once: what ends the process at once, and what may pass."""

from aiokafka.errors import (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    IncompatibleBrokerVersion,
    InconsistentGroupProtocolError,
    InvalidGroupIdError,
    InvalidSessionTimeoutError,
    InvalidTopicError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnrecognizedBrokerVersion,
    UnsupportedCodecError,
    UnsupportedSaslMechanismError,
    UnsupportedVersionError,
)

from shared.kernel.errors import ConfigError, LanternError, UnavailableError

FATAL = (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    IncompatibleBrokerVersion,
    InconsistentGroupProtocolError,
    InvalidGroupIdError,
    InvalidSessionTimeoutError,
    InvalidTopicError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnrecognizedBrokerVersion,
    UnsupportedCodecError,
    UnsupportedSaslMechanismError,
    UnsupportedVersionError,
)


def translate(error: BaseException) -> LanternError:
    """Return our error for one of the client's: no retry mends a fatal one."""
    what = f"{type(error).__name__}: {error}"
    if isinstance(error, LanternError):
        return error
    if isinstance(error, FATAL):
        return ConfigError("kafka", what)
    return UnavailableError(f"kafka: {what}")
