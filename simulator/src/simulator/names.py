"""Made-up names: lanterns, seasons and stones, so that nobody can be mistaken for a person."""

import numpy as np

_FAMILY = "灯烛焰辉曦霁岚汀屿棠槐榆枫桐葭蒹"
_GIVEN = "甲乙丙丁春夏秋冬晨暮东西南北松竹梅兰山川石溪星云雨雪"
_FAMILY_LATIN = [
    "Deng",
    "Zhu",
    "Yan",
    "Hui",
    "Xi",
    "Ji",
    "Lan",
    "Ting",
    "Yu",
    "Tang",
    "Huai",
    "Yu",
    "Feng",
    "Tong",
    "Jia",
    "Jian",
]
_GIVEN_LATIN = [
    "Jia",
    "Yi",
    "Bing",
    "Ding",
    "Chun",
    "Xia",
    "Qiu",
    "Dong",
    "Chen",
    "Mu",
    "Dong",
    "Xi",
    "Nan",
    "Bei",
    "Song",
    "Zhu",
    "Mei",
    "Lan",
    "Shan",
    "Chuan",
    "Shi",
    "Xi",
    "Xing",
    "Yun",
    "Yu",
    "Xue",
]

COLLEGES = (
    ("灯塔工程学院", "College of Lighthouse Engineering"),
    ("星图科学学院", "College of Star Charts"),
    ("河口材料学院", "College of Estuary Materials"),
    ("松风人文学院", "College of Pine Wind Humanities"),
    ("云算信息学院", "College of Cloud Computing Matters"),
    ("青苔生命学院", "College of Moss and Life"),
    ("石桥管理学院", "College of Stone Bridge Management"),
    ("雨声艺术学院", "College of the Sound of Rain"),
)


def people(rng: np.random.Generator, count: int) -> list[tuple[str, str, str]]:
    """Return (family, given, Latin spelling) of `count` people who do not exist."""
    family = rng.integers(0, len(_FAMILY), count)
    first = rng.integers(0, len(_GIVEN), count)
    second = rng.integers(0, len(_GIVEN), count)
    return [
        (
            _FAMILY[f],
            _GIVEN[a] + _GIVEN[b],
            f"{_FAMILY_LATIN[f]} {_GIVEN_LATIN[a]}{_GIVEN_LATIN[b].lower()}",
        )
        for f, a, b in zip(family.tolist(), first.tolist(), second.tolist(), strict=True)
    ]


def college_name(index: int) -> tuple[str, str]:
    """Return the Chinese and English name of a college; numbered beyond the eighth."""
    zh, en = COLLEGES[index % len(COLLEGES)]
    again = index // len(COLLEGES)
    return (zh, en) if again == 0 else (f"{zh}{again + 1}", f"{en} {again + 1}")
