"""The catalogue as a page for people: `docs/indicators.md` is generated from it."""

from typing import cast

from shared.features.catalogue import CATALOGUE, catalogue_hash, describe


def page() -> str:
    """Render the catalogue as the page `docs/indicators.md`."""
    parts = [_PAGE_HEAD.format(n=len(CATALOGUE), hash=catalogue_hash())]
    for row in describe():
        streams, sources = (
            ", ".join(map(str, cast("list[str]", row[k]))) for k in ("streams", "sources")
        )
        parts.append(
            f"## {row['id']} · {row['zh']}\n\n{row['en']}, in {row['unit']}.\n\n"
            f"- **Formula**: {row['formula']}\n"
            f"- **Window**: {row['window_days']} days; **direction**: {row['direction']}\n"
            f"- **Streams**: {streams}\n"
            f"- **Coverage**: {row['coverage']}\n"
            f"- **Evidence**: {row['evidence']} ({sources})\n"
        )
    return "\n".join(parts)


_PAGE_HEAD = """# Indicators

Generated from `shared/features/catalogue.py`: {n} indicators, catalogue hash
`{hash}`.
A model states the hash that it was trained on and refuses any other. Direction `up`: a higher value
raises concern. Evidence grades: G1 campus data against a depression measure, G2 phone, wearable or
survey against depression, G3 campus data against grades or another outcome, G4 practice or expert
rule, G5 our own extension.
"""
