"""The page's words where the rows are a plain table: rows and labels, not students and need.

Only what differs from `training.report.words`.
"""

from training.report.context import Words

TABLE_WORDS: dict[str, Words] = {
    "students": Words("组", "Groups"),
    "rows": Words("行", "Rows"),
    "prevalence": Words("标签为 1 的比例", "Share with label 1"),
    "alerts": Words("选中概率最高的行意味着什么", "What it means to pick the highest"),
    "right": Words("每选中 100 行，标签为 1 的", "Of 100 rows picked, those with label 1"),
    "found": Words("每 100 行标签为 1 的，被选中的", "Of 100 rows with label 1, those picked"),
    "budget_is": Words("选中的比例（概率最高者）", "Share picked (the highest probability)"),
    "alerts_per": Words("每 10,000 行选中的行数", "Picked of 10,000 rows"),
    "alerts_per_10000": Words("每 10,000 行选中的行数", "Picked of 10,000 rows"),
    "ppv": Words("选中的准确度（PPV）", "Right picks (PPV)"),
    "recall": Words("找到的比例（召回率）", "Label 1 found (recall)"),
    "elsewhere": Words("标签 1 更少见时会怎样", "Where label 1 is rarer"),
    "rarity": Words("标签 1 越少见，选中越容易错", "The rarer label 1, the more picks are wrong"),
    "true_alerts": Words("选对", "Right picks"),
    "false_alerts": Words("选错", "Wrong picks"),
    "formula": Words(
        "PPV = 灵敏度·p / (灵敏度·p + (1 − 特异度)·(1 − p))，p 是标签为 1 的比例；"
        "行数均按 10,000 行。",
        "PPV = se·p / (se·p + (1 − sp)·(1 − p)), with p the share with label 1; counts are of "
        "10,000 rows.",
    ),
    "decision_text": Words(
        "横轴：愿意为选对一行付出多少次选错（20 % 即 4 次）。曲线高于“全选”和“都不选”才值得用。",
        "The threshold says how many wrong picks one right pick is worth (20 %: four). The model "
        "is worth using where its curve is above “pick all” and “pick none”.",
    ),
    "everybody": Words("全选", "Pick all"),
    "nobody": Words("都不选", "Pick none"),
    "hit": Words("选中，标签 1", "Picked, label 1"),
    "false": Words("选中，标签 0", "Picked, label 0"),
    "miss": Words("未选中，标签 1", "Not picked, label 1"),
    "quiet": Words("未选中，标签 0", "Not picked, label 0"),
    "groups": Words("各组选中的行数", "Picked by group"),
    "fair": Words("各组之间是否不同", "Does it differ by group"),
    "fair_text": Words(
        "不足 10 个个体的格子不公布；有时还要多隐去一格，以免被相减算出。"
        "组间最大差别即使没有差别也会因偶然大于零，请看区间。",
        "Cells of fewer than ten are not published; sometimes another cell is hidden, lest it be "
        "found by subtraction. The largest difference is above zero by chance even where there is "
        "none: read the interval.",
    ),
    "hidden": Words("太少，不公布", "too few, not published"),
    "missing_share": Words("缺失的行的比例", "Share of rows without it"),
    "never": Words("从未有过的组", "Groups that never had it"),
    "method_text": Words(
        "括号内是 95 % 区间：重抽样（自助法），同组的行始终在一起。各方法在相同的抽样上比较。",
        "In brackets: 95 % intervals from drawing rows again (bootstrap), those of a group "
        "together. Methods are compared on the same draws.",
    ),
}
