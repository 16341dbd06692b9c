"""Every topic: golden samples stay readable, and the map is complete and consistent."""

import typing
from pathlib import Path

import msgspec
import pytest

from shared.contracts import codec
from shared.contracts.topics import TOPICS, Topic

GOLDEN = Path(__file__).parent / "golden"
SAMPLES = [(topic, file) for topic in TOPICS for file in sorted((GOLDEN / topic.name).glob("*"))]


def message_names(topic: Topic) -> set[str]:
    """Return the names that samples of a topic must carry: tags where the message is tagged."""
    kinds = typing.get_args(topic.message) or (topic.message,)
    return {str(kind.__struct_config__.tag or kind.__name__) for kind in kinds}


@pytest.mark.parametrize(("topic", "file"), SAMPLES, ids=lambda v: getattr(v, "stem", None))
def test_old_bytes_stay_readable(topic: Topic, file: Path) -> None:
    """A recorded message decodes, and encoding it again keeps every recorded field."""
    recorded = file.read_bytes()
    message = codec.decoder(topic.message).decode(recorded)
    again = msgspec.json.decode(codec.encode(message))
    assert msgspec.json.decode(recorded).items() <= again.items()


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_message_has_a_sample(topic: Topic) -> None:
    """Each message type of each topic has a golden sample."""
    recorded = {file.name.removesuffix(".json") for file in (GOLDEN / topic.name).glob("*.json")}
    assert message_names(topic) <= recorded


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_student_keyed_messages_name_the_student_by_pseudonym(topic: Topic) -> None:
    """No sample of a student-keyed topic carries anything but a pseudonym for the student."""
    for file in (GOLDEN / topic.name).glob("*.json"):
        fields = msgspec.json.decode(file.read_bytes())
        person = fields.get("student", fields.get("subject"))
        assert person is None or person.startswith("p1:")


def test_topics_are_written_before_they_are_read() -> None:
    """Every topic has a writer, and no service reads a topic that nobody writes."""
    assert all(topic.writers for topic in TOPICS)
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)
