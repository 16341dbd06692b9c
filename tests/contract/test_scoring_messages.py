"""What scoring reads and writes stays readable: samples of both topics, byte for byte."""

from shared.contracts.assessment import Assessment
from shared.contracts.codec import decoder, encode
from shared.contracts.features import FeatureVector

VECTOR = (
    b'{"id":"vec_1","student":"p1:00","position":7,"as_of":"2026-03-02T04:00:00Z",'
    b'"event_time":null,"window_start":"2025-12-01","catalogue":"c","values":[0.5,null],'
    b'"coverage":[1.0,0.0],"usual":[null,null],"college":"c1","masked":null,"exam":false,'
    b'"dead_feeds":["card"],"traceparent":null}'
)
ASSESSMENT = (
    b'{"id":"asm_1","student":"p1:00","vector":"vec_1","position":7,'
    b'"as_of":"2026-03-02T04:00:00Z","model":"starter-1","input_digest":"d","status":"scored",'
    b'"probability":0.25,"level":"blue","coverage":0.9,"contributions":[{"indicator":'
    b'"silent_days","share":0.5,"value":2.0,"usual":null}],"missing":["gpa_drop"],'
    b'"dead_feeds":[],"college":null,"traceparent":null}'
)


def test_a_vector_of_version_one_is_read() -> None:
    """Missing values are null, and stay apart from zero."""
    vector = decoder(FeatureVector).decode(VECTOR)
    assert vector.values == [0.5, None]
    assert decoder(FeatureVector).decode(encode(vector)) == vector


def test_an_assessment_of_version_one_is_read() -> None:
    """One from before revisions is of revision 0, and what is written says the same and more."""
    one = decoder(Assessment).decode(ASSESSMENT)
    assert (one.level, one.revision, one.abstained_for) == ("blue", 0, None)
    assert encode(one) == ASSESSMENT[:-1] + b',"revision":0,"abstained_for":null}'


def test_an_abstention_says_why() -> None:
    """While a champion is suspended, its revision and the reason travel with the abstention."""
    sample = ASSESSMENT[:-1] + b',"revision":3,"abstained_for":"calibration"}'
    assert decoder(Assessment).decode(sample).abstained_for == "calibration"
