"""`campus_card`: a term's library, loans and swipes, and its rank, against the next term's rank."""

from collections import Counter, defaultdict
from pathlib import Path

from training.realdata.source import Cell, Task, lines, parts_of

CLASS_SIZE = 538
PLACES = {
    "食堂": "canteen",
    "宿舍": "dormitory",
    "教室": "classroom",
    "超市": "shop",
    "交通": "bus",
    "图书馆": "library",
    "文印": "printing",
}
_Key = tuple[int, str]


def tasks(data: Path) -> list[Task]:
    folder = data / "campus_card"
    parts = parts_of(folder)
    rank = {(int(t), s): int(r) for t, s, r, *_ in lines(folder / "训练/成绩.txt")}
    seen = _behaviour(folder / "训练")
    keys = [(t, s) for t, s in sorted(rank) if (t + 1, s) in rank and s in parts]
    label = {(t, s): int(rank[t + 1, s] / CLASS_SIZE > 0.8) for t, s in keys}  # noqa: PLR2004 - lowest fifth
    made = []
    for name, question, knows in (
        ("campus_card", "lowest fifth by rank next term; behaviour and this term's rank", True),
        ("campus_card (behaviour only)", "lowest fifth by rank next term; behaviour alone", False),
    ):
        rows: list[dict[str, Cell]] = []
        for t, s in keys:
            row: dict[str, Cell] = {"id": f"{s}-{t}", "student": s, "term": t, **seen[t, s]}
            if knows:
                row["rank"] = rank[t, s]
            rows.append({**row, "y": label[t, s]})
        made.append(Task(name, question, rows, [parts[s] for _, s in keys], "student"))
    return made


def _behaviour(folder: Path) -> dict[_Key, dict[str, Cell]]:
    gates: dict[_Key, set[tuple[str, str]]] = defaultdict(set)
    for t, s, day, clock, *_ in lines(folder / "图书馆门禁.txt"):
        gates[int(t), s].add((day, clock.zfill(6)))
    loans: dict[_Key, set[tuple[str, str]]] = defaultdict(set)
    for t, s, book, day, *_ in lines(folder / "借书.txt"):
        loans[int(t), s].add((day, book))
    swipes: dict[_Key, Counter[str]] = defaultdict(Counter)
    for t, s, place, count, *_ in lines(folder / "消费次数.txt"):
        swipes[int(t), s][place] += int(count)
    found: dict[_Key, dict[str, Cell]] = defaultdict(lambda: _figures(set(), set(), Counter()))
    for key in {*gates, *loans, *swipes}:
        found[key] = _figures(gates[key], loans[key], swipes[key])
    return found


def _figures(
    gates: set[tuple[str, str]], loans: set[tuple[str, str]], swipes: Counter[str]
) -> dict[str, Cell]:
    hours = [int(clock[:2]) for _, clock in gates]
    days = {day for day, _ in gates}
    months = Counter(day[:2] for day, _ in gates)
    total = max(len(gates), 1)
    return {
        "library_entries": len(gates),
        "library_days": len(days),
        "library_months": len(months),
        "library_early": sum(hour < 9 for hour in hours) / total,  # noqa: PLR2004 - an hour
        "library_late": sum(hour >= 19 for hour in hours) / total,  # noqa: PLR2004 - an hour
        "loans": len(loans),
        "loan_days": len({day for day, _ in loans}),
        **{f"swipes_{english}": swipes[chinese] for chinese, english in PLACES.items()},
        "swipes": sum(swipes.values()),
    }
