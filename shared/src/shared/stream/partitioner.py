"""Which partition a key belongs to: murmur2, as the Java client and aiokafka choose it."""

from struct import unpack_from

_SEED = 0x9747B28C
_M = 0x5BD1E995
_MASK = 0xFFFFFFFF


def partition_for(key: bytes, partitions: int) -> int:
    """Return the partition of a key among `partitions`."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """Return the 32-bit MurmurHash2 of Kafka's `Utils.murmur2`."""
    length = len(data)
    h = _SEED ^ length
    words = length >> 2
    for k in unpack_from(f"<{words}I", data):
        mixed = (k * _M) & _MASK
        mixed = ((mixed ^ (mixed >> 24)) * _M) & _MASK
        h = ((h * _M) & _MASK) ^ mixed
    tail = data[words << 2 :]
    if tail:
        h = ((h ^ int.from_bytes(tail, "little")) * _M) & _MASK
    h = ((h ^ (h >> 13)) * _M) & _MASK
    return h ^ (h >> 15)


class Partitioner:
    """`partition_for` with a memory, since the same students come again and again."""

    def __init__(self, *, cache_size: int = 500_000) -> None:
        self._known: dict[tuple[bytes, int], int] = {}
        self._cache_size = cache_size

    def __call__(self, key: bytes, partitions: int) -> int:
        known = self._known.get((key, partitions))
        if known is not None:
            return known
        if len(self._known) >= self._cache_size:
            self._known.clear()
        number = self._known[key, partitions] = partition_for(key, partitions)
        return number
