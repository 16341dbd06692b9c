"""What a model does not know, said before what it does."""

from training.report.context import Context, Words

CAMPUS = (
    Words(
        "模型只看到日常痕迹（刷卡、门禁、上网、学习），看不到人：不知道想法、感受、谈话和原因。",
        "The model sees traces of daily life (cards, gates, network, study), not a person: no "
        "thoughts, feelings, talks or reasons.",
    ),
    Words(
        "没有留下痕迹的学生，模型一无所知：校外居住、借用他人校园卡、现金支付、设备故障都会造成空白。"
        "空白不是好消息，也不是坏消息。",
        "Of a student who leaves no trace it knows nothing: living off campus, a lent card, cash, "
        "a dead reader. A gap is neither good news nor bad.",
    ),
    Words(
        "同样的变化可能有许多无害的原因：考试周、兼职、实验夜班、生病、饮食习惯。需要人去了解。",
        "The same change has many harmless causes: exams, a job, night shifts in the laboratory, "
        "an illness, a fast. Only a person can find out.",
    ),
    Words(
        "分数不是诊断，也不预测自杀；它只建议辅导员先和谁谈一谈。红色等级只能由人确定。",
        "A score is no diagnosis and predicts no suicide; it only suggests with whom a counsellor "
        "might talk first. Red is set by people alone.",
    ),
    Words(
        "换一所学校、换一届学生，这些数字都要重新检验；未被提醒的学生也可能需要帮助。",
        "At another university or with another intake every figure has to be tested again; "
        "students without an alert may need help too.",
    ),
)
SIMULATED = (
    Words(
        "这些数字来自模拟学生：它们说明程序是否正常，不说明模型对真实学生有多准。",
        "These figures come from simulated students: they show that the program works, not how "
        "right the model is about real ones.",
    ),
)
TABLE = (
    Words(
        "这是一个与校园无关的通用表格；结果只说明这个网络作为分类器的水平。",
        "This is a plain table; the figures show how good the network is as a classifier, and "
        "nothing about students on a campus.",
    ),
    Words(
        "模型只知道表中的列，不知道这些数据是怎样收集的、缺了谁。",
        "The model knows the columns of the table alone, not how they were collected nor who is "
        "missing from them.",
    ),
)


def limits_of(context: Context) -> tuple[Words, ...]:
    """Return what has to be said of data of this kind, and of this model."""
    general = {"simulated": SIMULATED + CAMPUS, "campus": CAMPUS, "table": TABLE}
    return general[context.data] + context.limits
