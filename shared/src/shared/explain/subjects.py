"""What an indicator is about, in words that fit its sentence; others go by their names."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """The same in Chinese and in English."""

    zh: str
    en: str


SUBJECTS: dict[str, Text] = {
    "breakfast_rate": Text("吃早餐", "breakfast"),
    "meal_count": Text("用餐", "meals"),
    "meal_time_entropy": Text("用餐时间的分散程度", "spread of meal times"),
    "spend_level": Text("校园卡消费", "spending with the campus card"),
    "spend_level_drop": Text("校园卡消费", "spending with the campus card"),
    "late_snack_rate": Text(
        "在22点至次日6点之间的消费", "of purchases were made between 22:00 and 06:00"
    ),
    "library_visits": Text("进图书馆", "visits to the library"),
    "library_stay": Text("在图书馆的时间", "in the library"),
    "late_return": Text("23点后才回宿舍", "back at the dormitory after 23:00"),
    "overnight_absence": Text("没有宿舍记录", "no sign in the dormitory at night"),
    "no_exit_days": Text("没有离开宿舍的记录", "no sign outside the dormitory"),
    "night_net_minutes": Text("0点至5点上网", "online between 00:00 and 05:00"),
    "sleep_gap_hours": Text("夜间最长的无活动时段", "longest quiet stretch at night"),
    "first_activity_time": Text("每天首次活动的时间", "first activity of the day"),
    "places_visited": Text("到过的地点", "places visited"),
    "gpa_drop": Text("成绩", "results"),
    "failed_credits": Text(
        "未通过或延期的学分（逾期环节各计2分）",
        "credits failed or deferred (2 for each stage overdue)",
    ),
    "net_offset_time": Text("夜间最后一次活动", "last sign of the evening"),
    "diet_anomaly": Text("用餐与前八周的差异", "difference of meals from the eight weeks before"),
    "flow_duration_entropy": Text("上网时长的分散程度", "spread of how long connections last"),
    "routine_similarity": Text("作息与前两周的相似度", "likeness to the two weeks before"),
    "advisor_contact_gap": Text("没有与导师单独见面的记录", "no meeting with the advisor"),
    "literature_stall": Text("文献任务没有进展", "no step of a literature task"),
    "silent_days": Text("没有任何记录", "no sign of any kind"),
}
UNITS_ZH: dict[str, str] = {
    "0..1": "",
    "share": "",
    "days": "天",
    "in 28 days": "次/28天",
    "days in 28": "天/28天",
    "hours": "小时",
    "hours a day": "小时/天",
    "hours a night": "小时/晚",
    "hours a week": "小时/周",
    "minutes": "分钟",
    "minutes a day": "分钟/天",
    "minutes a night": "分钟/晚",
    "meals a day": "次/天",
    "places a day": "个/天",
    "visits a week": "次/周",
    "loans a month": "次/月",
    "items a month": "册/月",
    "yuan a day": "元/天",
    "credits": "学分",
    "nats": "",
    "cohort SD": "个标准差",
}
