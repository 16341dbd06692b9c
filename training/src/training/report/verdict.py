"""What the figures come to, in sentences: prevalence first, praise last.

Every sentence names its numbers. `tone` says how it is shown: `warning` is what must not be
overlooked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from training.evaluation.figures import Comparison, Evaluation, Figure
from training.report.context import Words

Tone = Literal["plain", "warning"]
HALF = 0.5
DECIDING = ("roc_auc", "pr_auc", "log_loss")
NAMES = {
    "roc_auc": Words("排序能力（ROC-AUC）", "ordering (ROC-AUC)"),
    "pr_auc": Words("PR-AUC", "PR-AUC"),
    "log_loss": Words("对数损失", "log-loss"),
}
PREDICTORS = {
    "network": Words("神经网络", "network"),
    "majority": Words("多数类猜测", "majority guess"),
    "logistic": Words("逻辑回归", "logistic regression"),
    "lightgbm": Words("LightGBM", "LightGBM"),
    "trees": Words("LightGBM", "LightGBM"),
}
NOTES = {
    "simulated": Words("数据是模拟的。", "The data are simulated."),
    "recovers_its_own_generator": Words(
        "ROC-AUC 超过 0.95：模型找回了自己的模拟器（recovers its own generator），不能当作成绩。",
        "ROC-AUC is above .95 on simulated data: the model recovers its own generator. This is no "
        "achievement.",
    ),
    "one_class_only": Words(
        "数据里只有一类结果，无法判断排序能力。",
        "All rows have the same outcome, so that ordering cannot be judged.",
    ),
    "few_cases": Words(
        "需要帮助的学生不足 30 人，下面的数字都很不可靠。",
        "Fewer than 30 students had need: every figure below is uncertain.",
    ),
    "judged_on_a_sample": Words(
        "数据很多，这里只用了抽出的一部分学生。",
        "There are very many rows: these figures are of a sample of the students.",
    ),
    "no_logistic_baseline": Words(
        "没有与逻辑回归比较，因此不能说神经网络有用。",
        "There is no logistic regression beside it, so nobody can say that the network is needed.",
    ),
}
TABLE_NOTES = NOTES | {
    "few_cases": Words(
        "标签为 1 的不足 30 个，下面的数字都很不可靠。",
        "Fewer than 30 have label 1: every figure below is uncertain.",
    ),
    "judged_on_a_sample": Words(
        "数据很多，这里只用了抽出的一部分。",
        "There are very many rows: these figures are of a sample of them.",
    ),
}


@dataclass(frozen=True)
class Finding:
    """One sentence in both languages."""

    tone: Tone
    text: Words


def findings(one: Evaluation) -> tuple[Finding, ...]:
    """Return the sentences of one evaluation in the order in which they should be read."""
    notes = TABLE_NOTES if one.data == "table" else NOTES
    warnings = [Finding("warning", notes[code]) for code in one.notes if code in notes]
    versus = [
        against(one.comparisons, name)
        for name in dict.fromkeys(c.other for c in one.comparisons)
        if name != "majority"
    ]
    return (_prevalence(one), *warnings, *_budget(one), *versus, _accuracy(one))


def name_of(predictor: str) -> Words:
    """Return what people call a predictor."""
    return PREDICTORS.get(predictor, Words(predictor, predictor))


def against(comparisons: Sequence[Comparison], other: str) -> Finding:
    """Say whether the network earns its place beside another predictor."""
    mine = [c for c in comparisons if c.other == other and c.metric in DECIDING]
    worse = [c for c in mine if c.verdict == "worse"]
    better = [c for c in mine if c.verdict == "better"]
    name = name_of(other)
    if worse and better:
        return Finding("warning", _mixed(name, better, worse))
    if worse:
        zh, en = _listed(worse)
        text = Words(
            f"神经网络不如{name.zh}：{zh}。应当使用{name.zh}。",
            f"The network is worse than {name.en}: {en}. {name.en.capitalize()} should be used.",
        )
        return Finding("warning", text)
    if not better:
        text = Words(
            f"神经网络没有胜过{name.zh}：差别在抽样误差之内。更简单的模型同样好。",
            f"The network does not beat {name.en}: the differences are within chance. The simpler "
            "model is as good.",
        )
        return Finding("warning" if other == "logistic" else "plain", text)
    zh, en = _listed(better)
    text = Words(f"神经网络胜过{name.zh}：{zh}。", f"The network beats {name.en}: {en}.")
    return Finding("plain", text)


def _mixed(name: Words, better: Sequence[Comparison], worse: Sequence[Comparison]) -> Words:
    good, bad = _listed(better), _listed(worse)
    return Words(
        f"与{name.zh}相比有好有坏：较好的是{good[0]}；较差的是{bad[0]}。",
        f"Against {name.en} it is better in some and worse in others: better {good[1]}; worse "
        f"{bad[1]}.",
    )


def _listed(ones: Sequence[Comparison]) -> tuple[str, str]:
    numbers = [f"{c.difference.value:+.3f}" for c in ones]
    zh = "、".join(f"{NAMES[c.metric].zh} {n}" for c, n in zip(ones, numbers, strict=True))
    en = ", ".join(f"{NAMES[c.metric].en} {n}" for c, n in zip(ones, numbers, strict=True))
    return zh, en


def _prevalence(one: Evaluation) -> Finding:
    share = percent(one.prevalence)
    if one.data == "table":
        text = Words(
            f"先看基数：{one.rows:,} 行中，标签为 1 的占 {share}。",
            f"First the base rate: of {one.rows:,} rows {share} have label 1.",
        )
        return Finding("plain", text)
    text = Words(
        f"先看基数：{one.students:,} 名学生、{one.rows:,} 条记录中，{share} 确有需要"
        f"（{one.positive_students:,} 名学生）。",
        f"First the base rate: of {one.rows:,} records of {one.students:,} students {share} had "
        f"need ({one.positive_students:,} students).",
    )
    return Finding("plain", text)


def _budget(one: Evaluation) -> list[Finding]:
    ppv, recall = one.budget.ppv, one.budget.recall
    if ppv.value is None or recall.value is None:
        return []
    if one.data == "table":
        return [_highest(one, 100 * ppv.value, 100 * recall.value)]
    load, right = one.budget.alerts_per_10000.value or 0.0, 100 * ppv.value
    found, missed = 100 * recall.value, 100 * (1 - recall.value)
    text = Words(
        f"每周每 10,000 名学生约有 {load:,.0f} 条提醒；每 100 条提醒中约 {right:.0f} 条确有需要，"
        f"{100 - right:.0f} 条没有。",
        f"Of 10,000 students about {load:,.0f} are alerted a week; of 100 alerts about {right:.0f} "
        f"are right and {100 - right:.0f} are not.",
    )
    miss = Words(
        f"每 100 例需要中，约 {found:.0f} 例在提醒之中，{missed:.0f} 例不在："
        "没有提醒不等于没有需要。",
        f"Of 100 cases of need about {found:.0f} are among the alerts and {missed:.0f} are not: no "
        "alert does not mean no need.",
    )
    return [Finding("plain", text), Finding("warning", miss)]


def _highest(one: Evaluation, right: float, found: float) -> Finding:
    share = 100 * one.budget.share
    text = Words(
        f"概率最高的 {share:g} % 中，每 100 行约 {right:.0f} 行标签为 1，"
        f"它们占全部标签为 1 的 {found:.0f} %。",
        f"Of the {share:g} % with the highest probability about {right:.0f} of 100 have label 1, "
        f"which is {found:.0f} % of all that have it.",
    )
    return Finding("plain", text)


def _accuracy(one: Evaluation) -> Finding:
    mine, majority = percent(one.scores[0].accuracy), percent(one.scores[1].accuracy)
    rare = one.data != "table" and (one.prevalence.value or 0.0) < HALF
    constant = (
        Words("从不提醒任何人的“模型”", "a “model” that never alerts anybody")
        if rare
        else Words("永远给出同一答案的猜测", "a guess that always gives the same answer")
    )
    text = Words(
        f"准确率 {mine}，而{constant.zh}也有 {majority}：准确率单独说明不了什么。",
        f"Accuracy is {mine}; {constant.en} has {majority}: accuracy alone says nothing.",
    )
    return Finding("plain", text)


def percent(one: Figure, digits: int = 1) -> str:
    """Return a share as per cent with its interval, or a dash."""
    if one.value is None:
        return "–"
    value = f"{100 * one.value:.{digits}f}\u00a0%"
    if one.low is None or one.high is None:
        return value
    return f"{value} ({100 * one.low:.{digits}f}–{100 * one.high:.{digits}f})"
