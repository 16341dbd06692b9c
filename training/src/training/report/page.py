"""`report.html`: one file, no script, no other host; Chinese and English by a switch in CSS."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from shared.features.catalogue import CATALOGUE
from training.evaluation.figures import DataKind, Evaluation, Figure, GroupColumn, Scores
from training.evaluation.prevalence import PUBLISHED
from training.evaluation.sample import NOT_GIVEN
from training.report import plots
from training.report.context import Words
from training.report.document import Report
from training.report.plots import Curve, Language, Whisker
from training.report.verdict import name_of, percent
from training.report.words import WORDS, words_of

LANGUAGES: tuple[Language, ...] = ("zh", "en")
MOST_MISSING = 20
INDICATORS = {one.id: Words(one.zh, one.en) for one in CATALOGUE}
COLUMNS = {
    "college": Words("学院", "College"),
    "intake": Words("入学年份", "Intake year"),
    "gender": Words("性别", "Gender"),
    "degree": Words("学位层次", "Degree"),
    "group": Words("分组", "Group"),
}
Draw = Callable[[Language], str]
Names = Mapping[str, Words]


@dataclass(frozen=True)
class Picture:
    """A plot in both languages, with what it shows."""

    zh: Markup
    en: Markup
    caption: Words


def to_html(report: Report) -> str:
    """Return the page."""
    environment = Environment(
        loader=PackageLoader("training.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        t=_both,
        pct=_percent,
        num=_number,
        count=_count,
        input_name=_input_name,
        column=_column,
        group=partial(_group, report.context.names),
    )
    environment.globals.update(
        words=words_of(report.context.data), name_of=name_of, published=PUBLISHED
    )
    pictures = [pictures_of(one, report.context.names) for one in report.evaluations]
    page = environment.get_template("report.html.jinja")
    return page.render(report=report, pictures=pictures, most_missing=MOST_MISSING)


def pictures_of(one: Evaluation, names: Names) -> dict[str, Picture | list[Picture]]:
    """Draw everything that one evaluation shows; `names` are what people call its groups."""
    data = one.data
    found: dict[str, Picture | list[Picture]] = {
        "calibration": _picture(data, "calibration", lambda la: _calibration(one, la)),
        "decision": _picture(data, "decision", lambda la: _decision(one, la)),
        "rarity": _picture(data, "rarity", lambda la: _rarity(one, la)),
        "ordering": _picture(data, "ordering", lambda la: _ordering(one, la)),
        "groups": [
            _picture(data, "groups", partial(_groups, data, names, column)) for column in one.groups
        ],
    }
    if one.budget.ppv.value is not None and one.budget.recall.value is not None:
        shares = {"right": one.budget.ppv.value, "found": one.budget.recall.value}
        found |= {
            key: _picture(data, key, partial(_icons, data, key, shares[key])) for key in shares
        }
    if one.missing:
        found["missing"] = _picture(data, "missing", lambda la: _missing(one, la))
    return found


def number(one: Figure, digits: int = 3) -> str:
    """Return a value with its interval, or a dash."""
    if one.value is None:
        return "–"
    value = f"{one.value:,.{digits}f}"
    if one.low is None or one.high is None:
        return value
    return f"{value} ({one.low:,.{digits}f}–{one.high:,.{digits}f})"


def _percent(one: Figure) -> Markup:
    return _cell(percent(one))


def _number(one: Figure, digits: int = 3) -> Markup:
    return _cell(number(one, digits))


def _cell(text: str) -> Markup:
    """Let a line break only between a value and its interval; minus signs as printed."""
    value, _, interval = text.replace("-", "\u2212").partition(" (")
    if not interval:
        return escape(value)
    return Markup('{} <span class="range">({}</span>').format(value, interval)


def _picture(data: DataKind, key: str, draw: Draw) -> Picture:
    zh, en = (Markup(draw(language)) for language in LANGUAGES)  # noqa: S704 - matplotlib escapes
    return Picture(zh, en, words_of(data)[key])


def _say(data: DataKind, key: str, language: Language) -> str:
    return _in(words_of(data)[key], language)


def _in(words: Words, language: Language) -> str:
    return words.zh if language == "zh" else words.en


def _icons(data: DataKind, key: str, share: float, language: Language) -> str:
    return plots.icons(share, _say(data, key, language))


def _ordering(one: Evaluation, language: Language) -> str:
    lines = [_line(score, language) for score in one.scores]
    return plots.whiskers(lines, "ROC-AUC", _say(one.data, "ordering", language))


def _line(score: Scores, language: Language) -> Whisker:
    return Whisker(_in(name_of(score.name), language), score.roc_auc, score.name == "network")


def _calibration(one: Evaluation, language: Language) -> str:
    labels = (_say(one.data, "said", language), _say(one.data, "came", language))
    return plots.calibration(one.calibration, labels, _say(one.data, "calibration", language))


def _decision(one: Evaluation, language: Language) -> str:
    def line(name: str, ys: Sequence[float], colour: str, *, dashed: bool = False) -> Curve:
        points = list(zip([p.threshold for p in one.decision], ys, strict=True))
        return Curve(name, points, colour, dashed)

    curves = [
        line(
            _in(name_of("network"), language),
            [p.model.value or 0.0 for p in one.decision],
            plots.ORANGE,
        )
    ]
    if one.decision and "logistic" in one.decision[0].others:
        values = [p.others["logistic"] for p in one.decision]
        curves.append(line(_in(name_of("logistic"), language), values, plots.BLUE))
    everybody = [p.everybody for p in one.decision]
    curves += [
        line(_say(one.data, "everybody", language), everybody, plots.GREY, dashed=True),
        line(_say(one.data, "nobody", language), [0.0] * len(one.decision), plots.GREY),
    ]
    labels = (_say(one.data, "threshold", language), _say(one.data, "net_benefit", language))
    return plots.decision(one.decision, curves, labels, _say(one.data, "decision", language))


def _rarity(one: Evaluation, language: Language) -> str:
    mine = [(p.prevalence, p.ppv.value) for p in one.prevalences if p.ppv.value is not None]
    claim = [
        (c.prevalence, c.ppv)
        for c in one.claims
        if c.sensitivity == PUBLISHED and c.prevalence >= min(p.prevalence for p in one.prevalences)
    ]
    curves = [Curve(_say(one.data, "mine_line", language), sorted(mine), plots.ORANGE)]
    if one.data != "table":  # the claim is about students
        curves.insert(0, Curve(_say(one.data, "claim_line", language), sorted(claim), plots.GREY))
    labels = (_say(one.data, "prevalence", language), _say(one.data, "right", language))
    return plots.rarity(curves, labels, _say(one.data, "rarity", language))


def _groups(data: DataKind, names: Names, column: GroupColumn, language: Language) -> str:
    lines = [
        Whisker(_in(_group(names, row.group), language), row.alerts_per_10000)
        for row in column.groups
    ]
    title = f"{_say(data, 'groups', language)}: {_in(_column(column.column), language)}"
    return plots.whiskers(lines, _say(data, "alerts_per", language), title)


def _missing(one: Evaluation, language: Language) -> str:
    ones = sorted(one.missing, key=lambda m: -(m.share.value or 0.0))[:MOST_MISSING]
    lines = [Whisker(_in(_input_name(m.name), language), m.share) for m in ones]
    title = _say(one.data, "missing", language)
    return plots.whiskers(lines, _say(one.data, "missing_share", language), title, as_percent=True)


def _input_name(name: str) -> Words:
    return INDICATORS.get(name, Words(name, name))


def _group(names: Names, name: str) -> Words:
    return WORDS["not_given"] if name == NOT_GIVEN else names.get(name, Words(name, name))


def _column(name: str) -> Words:
    return COLUMNS.get(name, Words(name, name))


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _both(words: Words) -> Markup:
    """Return both languages; the switch shows one."""
    zh, en = escape(words.zh), escape(words.en)
    return Markup(
        '<span class="zh" lang="zh">{}</span><span class="en" lang="en">{}</span>'
    ).format(zh, en)
