"""The page's words in both languages."""

from collections.abc import Mapping

from training.evaluation.figures import DataKind
from training.report.context import Words
from training.report.table_words import TABLE_WORDS

WORDS: dict[str, Words] = {
    "report": Words("模型诚实报告", "An honest report of the model"),
    "simulated_badge": Words("模拟数据", "simulated data"),
    "campus_badge": Words("真实校园数据", "data of a real campus"),
    "table_badge": Words("通用表格", "a plain table"),
    "in_short": Words("一句一句说", "In short"),
    "unknown": Words("模型不知道什么", "What the model does not know"),
    "trained_on": Words("从哪些数据学来", "What it was trained on"),
    "part": Words("部分", "Part"),
    "students": Words("学生", "Students"),
    "rows": Words("记录", "Records"),
    "period": Words("时间", "Period"),
    "prevalence": Words("确有需要的比例", "Share with need"),
    "model": Words("模型", "Model"),
    "created": Words("生成时间", "Made"),
    "seed": Words("随机种子", "Seed"),
    "inputs": Words("输入", "Inputs"),
    "catalogue": Words("指标目录", "Catalogue"),
    "network": Words("网络", "Network"),
    "versions": Words("版本", "Versions"),
    "fitted": Words("怎样学成的", "How it was fitted"),
    "fitted_text": Words(
        "在训练部分留出的行上比较（对数损失，越小越好）：检验部分没有用来选择。",
        "Compared on rows held out of training (log-loss, less is better); the judged part chose "
        "nothing.",
    ),
    "linear_loss": Words("线性部分", "Linear path"),
    "trees_loss": Words("梯度提升树", "Boosted trees"),
    "teacher_loss": Words("教师", "Teacher"),
    "held_out_loss": Words("网络", "Network"),
    "hidden_units": Words("隐藏单元", "Hidden units"),
    "activation": Words("激活函数", "Activation"),
    "bins": Words("每列分段", "Bins a number"),
    "decay": Words("权重衰减", "Weight decay"),
    "passes": Words("训练遍数", "Passes"),
    "evaluated_on": Words("检验于", "Tested on"),
    "alerts": Words("提醒意味着什么", "What an alert means"),
    "right": Words("每 100 条提醒中，确有需要的", "Of 100 alerts, those that are right"),
    "found": Words("每 100 例需要中，被提醒的", "Of 100 cases of need, those alerted"),
    "budget_is": Words("每周提醒预算（学生比例）", "Alert budget a week (share of students)"),
    "alerts_per": Words("每周每 10,000 名学生的提醒数", "Alerts per 10,000 students a week"),
    "ppv": Words("提醒的准确度（PPV）", "Right alerts (PPV)"),
    "recall": Words("找到的比例（召回率）", "Cases found (recall)"),
    "specificity": Words("特异度", "Specificity"),
    "beside": Words("与更简单的方法相比", "Beside simpler methods"),
    "ordering": Words(
        "谁排得更好（ROC-AUC,0.5 等于猜）", "Who orders better (ROC-AUC; .5 is a guess)"
    ),
    "predictor": Words("方法", "Method"),
    "accuracy": Words("准确率", "Accuracy"),
    "brier": Words("Brier 分数", "Brier score"),
    "log_loss": Words("对数损失", "Log-loss"),
    "ece": Words("校准误差（ECE）", "Calibration error (ECE)"),
    "less_is_better": Words(
        "Brier、对数损失、ECE 越小越好。", "Of Brier, log-loss and ECE less is better."
    ),
    "elsewhere": Words("需要更少见时会怎样", "Where need is rarer"),
    "rarity": Words("需要越少见，提醒越容易错", "The rarer the need, the more alerts are wrong"),
    "claim_line": Words("“97.6 %”", "“97.6 %”"),
    "mine_line": Words("本模型", "This model"),
    "true_alerts": Words("对的提醒", "Right alerts"),
    "false_alerts": Words("错的提醒", "Wrong alerts"),
    "claim": Words("“97.6 %”究竟是什么意思", "What “97.6 %” would mean"),
    "claim_text": Words(
        "97.6 % 曾作为准确率公布，没有说明数据、类别比例和方法。即使灵敏度和特异度都是 97.6 %:",
        "97.6 % was published as an accuracy, without data set, class balance or protocol. Even if "
        "it were sensitivity and specificity at once:",
    ),
    "never_alert": Words("从不提醒的准确率", "Accuracy of never alerting"),
    "formula": Words(
        "PPV = 灵敏度·p / (灵敏度·p + (1 − 特异度)·(1 − p))，p 是确有需要的比例；"
        "人数均按 10,000 名学生。",
        "PPV = se·p / (se·p + (1 − sp)·(1 − p)), with p the share with need; counts are of 10,000 "
        "students.",
    ),
    "rarest": Words(
        "最后一行是学生自杀的年发生率：任何模型在那里几乎全是误报，所以本系统从不预测自杀。",
        "The last row is the yearly rate of suicide among students: there every model is almost "
        "always wrong, which is why this system never predicts suicide.",
    ),
    "calibration": Words("说的和发生的", "What was said and what came"),
    "said": Words("模型说的概率", "Probability said"),
    "came": Words("实际发生的比例", "Share that came"),
    "calibration_text": Words(
        "点在虚线上：说多少就发生多少。竖线是 95 % 区间。",
        "On the dashed line what is said comes true. Bars are 95 % intervals.",
    ),
    "decision": Words("用它是否值得（决策曲线）", "Is it worth using (decision curve)"),
    "decision_text": Words(
        "横轴：愿意为一次有用的谈话付出多少次多余的谈话（20 % 即 4 次）。"
        "曲线高于“人人谈”和“都不谈”才值得用。",
        "The threshold says how many needless talks one useful talk is worth (20 %: four). The "
        "model is worth using where its curve is above “everybody” and “nobody”.",
    ),
    "threshold": Words("概率阈值", "Threshold"),
    "net_benefit": Words("净获益", "Net benefit"),
    "everybody": Words("人人谈", "Talk with everybody"),
    "nobody": Words("都不谈", "Talk with nobody"),
    "levels": Words("各等级的对与错", "Right and wrong at each level"),
    "level": Words("等级（及以上）", "Level (and above)"),
    "hit": Words("提醒，有需要", "Alert, need"),
    "false": Words("提醒，无需要", "Alert, no need"),
    "miss": Words("未提醒，有需要", "No alert, need"),
    "quiet": Words("未提醒，无需要", "No alert, no need"),
    "blue": Words("蓝·提示", "blue"),
    "yellow": Words("黄·关注", "yellow"),
    "orange": Words("橙·预警", "orange"),
    "groups": Words("各组的提醒数", "Alerts by group"),
    "fair": Words("对各组是否公平", "Is it fair to groups"),
    "fair_text": Words(
        "少于 10 人的格子不公布，以免认出个人；有时还要多隐去一格，以免被相减算出。"
        "组间最大差别即使公平也会因偶然大于零，请看区间。",
        "Cells of fewer than ten students are not published, lest a person be recognised; "
        "sometimes another cell is hidden, lest it be found by subtraction. The largest difference "
        "is above zero by chance even where all is fair: read the interval.",
    ),
    "group": Words("组", "Group"),
    "not_given": Words("未填写", "not given"),
    "hidden": Words("人数少，不公布", "few students, not published"),
    "false_positive_rate": Words("误报率", "False alarms"),
    "said_minus_came": Words("多说（+）或少说（−）", "Said too much (+) or too little (−)"),
    "gap": Words("组间差别", "Difference between groups"),
    "ratio": Words("最小与最大之比", "Smallest through largest"),
    "highest": Words("最高", "Highest"),
    "lowest": Words("最低", "Lowest"),
    "alerts_per_10000": Words("每万人提醒数", "Alerts per 10,000"),
    "missing": Words("缺了哪些输入", "Which inputs were missing"),
    "missing_share": Words("缺失的记录比例", "Share of records without it"),
    "never": Words("从未有过的学生", "Students who never had it"),
    "input": Words("输入", "Input"),
    "numbers": Words("看数字", "Numbers"),
    "method": Words("怎样算的", "How this was computed"),
    "method_text": Words(
        "括号内是 95 % 区间：按学生整体重抽样（聚类自助法）。各方法在相同的抽样上比较。"
        "预算：每周概率最高的那部分学生。",
        "In brackets: 95 % intervals from drawing whole students (cluster bootstrap). Methods are "
        "compared on the same draws. Budget: in each week the students with the highest "
        "probability.",
    ),
}


def words_of(data: DataKind) -> Mapping[str, Words]:
    """Return the words for rows of this kind."""
    return WORDS | TABLE_WORDS if data == "table" else WORDS
