// Every word of the page, Chinese and English side by side, and which of the two is spoken.
const WORDS = {
  title: ["关怀预警", "care alerts"], skip: ["跳到列表", "Skip to the list"], other: ["English", "中文"], otherLang: ["en", "zh-CN"],
  noToken: ["需要访问令牌", "An access token is needed"],
  noTokenHelp: ["请用命令行给出的完整链接打开本页；令牌写在网址的 # 之后，只留在本标签页。",
    "Open this page by the full link that the command line printed. The token stands after the # and stays in this tab."],
  empty: ["目前没有需要处理的预警", "Nothing needs you right now"],
  emptyHelp: ["新的预警会自动出现在这里，无需刷新。", "New alerts appear here by themselves."],
  noneWaits: ["没有等待您复核的预警", "Nothing waits for your second verdict"],
  noneWaitsHelp: ["同事结束的预警会自动出现在这里。", "What colleagues resolve appears here by itself."],
  waits: ["待复核", "Waits for a second verdict"],
  showResolved: ["显示已结束", "Show resolved"], more: ["更多", "More"],
  footer: ["颜色只是提示，请以文字为准。关注等级不是诊断。", "Colours are only a hint; the words count. A concern level is not a diagnosis."],
  zone: ["时间均为校园时间：{zone}（{offset}）", "All times are campus time: {zone} ({offset})"],
  live: ["实时连接正常", "Live"], connecting: ["正在连接…", "Connecting…"], lost: ["连接中断，正在重连…", "Connection lost, trying again…"], none: ["未连接", "Not connected"],
  open: ["待确认", "Open"], acknowledged: ["已确认", "Acknowledged"], resolved: ["已结束", "Resolved"],
  time: ["时间", "Time"], college: ["学院", "College"], team: ["团队", "Team"], school: ["学校", "School"], coverage: ["数据覆盖", "Data coverage"], why: ["依据", "Rests on"],
  told: ["已告知", "Told"], by: ["已接手", "Taken up by"], tooLow: ["数据不足", "too little data"], unknown: ["未知", "unknown"],
  pattern: ["行为变化", "change of pattern"], silence: ["无活动记录", "no activity seen"], screening: ["量表筛查", "screening"],
  report: ["人员报告", "report by a person"], review: ["人工复核", "review by a person"],
  person: ["请于 {when} 前由人员确认", "Person needed by {when}"], left: ["还有 {span}", "{span} left"], late: ["已超时 {span}", "Overdue by {span}"], overdue: ["已超时", "Overdue"],
  inhibited: ["以下数据源中断，相关的“无活动”依据暂不采用：", "These data sources are down; absence that rests on them is not used: "],
  suspended: ["模型的校准已失效，其判断暂停使用；紧急规则、长时间无活动规则和人员报告照常预警。需由人员核查后恢复。",
    "The model is suspended: its calibration broke. Urgent rules, plain silence and reports by people go on as ever. A person has to check and resume it."],
  silent: ["试运行", "Silent trial"], silentHelp: ["仅记录，未通知任何人", "recorded only, nobody was told"],
  now: ["刚刚", "just now"], ago: ["{span}前", "{span} ago"], minutes: ["{n} 分钟", "{n} min"], hours: ["{n} 小时", "{n} h"], days: ["{n} 天", "{n} d"],
  levels: ["各等级数量", "Alerts by level"], request: ["关怀请求", "Care request"],
  blue: ["蓝·提示", "Blue · note"], yellow: ["黄·关注", "Yellow · attention"], orange: ["橙·预警", "Orange · warning"], red: ["红·危机", "Red · crisis"],
  verdict: ["结论", "Verdict"], blind: ["作出本人的独立判断后显示", "shown after your own, independent one"],
  confirmed_need: ["确有需要", "confirmed need"], no_need: ["无需帮助", "no need"], already_in_care: ["已在帮扶", "already in care"],
  data_error: ["数据有误", "data error"], unreachable: ["未能联系", "unreachable"],

  // what a person does
  acknowledge: ["确认接手", "Acknowledge"], acknowledging: ["正在确认…", "Acknowledging…"],
  resolve: ["结束", "Resolve"], judge: ["复核", "Second verdict"], details: ["经过", "History"],
  resolveTitle: ["结束预警", "Resolve the alert"], resolveHelp: ["结论不是诊断。结束后不能撤回。", "A verdict is not a diagnosis. It cannot be taken back."],
  reviewTitle: ["复核预警", "Second verdict"],
  reviewHelp: ["请独立判断：他人的结论在您提交之后才显示。每人只能复核一次。", "Judge on your own: others' verdicts show only after yours. Each person reviews once."],
  decline: ["不作判断，查看结论（不可撤回，记入经过）", "Give none and see the verdict (for good, on record)"],
  note: ["备注（可不填）", "Note (optional)"], noNote: ["无", "none"],
  cancel: ["取消", "Cancel"], send: ["提交", "Send"], sending: ["正在提交…", "Sending…"], choose: ["请先选择一项结论。", "Choose a verdict first."],
  didAcknowledge: ["已确认接手：{student}", "Acknowledged: {student}"],
  didResolve: ["已结束（{verdict}）：{student}", "Resolved ({verdict}): {student}"],
  didReview: ["已记录您的结论（{own}）。首次结论：{verdict}。{student}", "Your verdict is recorded ({own}). The first one was: {verdict}. {student}"],
  didDecline: ["您未作判断，已记入经过。首次结论：{verdict}。{student}", "You gave no verdict, on record. The first one was: {verdict}. {student}"],

  // lines of the history
  opened: ["预警产生", "Opened"], raised: ["等级上升", "Raised"], lowered: ["等级下降", "Lowered"], signal: ["新的依据", "New evidence"],
  withheld: ["依据暂不采用", "Evidence withheld"], notified: ["重新通知", "Notified again"], reviewed: ["已复核", "Second verdict"], asked: ["已请您关注", "You were asked"],
  gaveNone: ["未作判断", "none given"], byTier: ["由{tier}", "by the {tier}"], noHistory: ["暂无记录", "nothing recorded"], number: ["编号", "Id"],
  note_talk_held: ["已谈话", "talk held"], note_referred: ["已转介", "referred"], note_plan_agreed: ["已商定计划", "plan agreed"],
  note_family_informed: ["已告知家长", "family informed"], note_no_answer: ["无回应", "no answer"], note_wrong_data: ["数据错误", "wrong data"], note_other: ["其他", "other"],

  // refusals, by the problem's code, else by its status
  no_action_not_granted: ["您的角色不能进行此操作。", "Your role may not do this."], no_no_role: ["您的角色不能进行此操作。", "Your role may not do this."],
  no_outside_reach: ["这条预警不在您负责的范围内，您不能进行此操作。", "This alert is not in your care, so you may not do this."],
  no_alert_resolved: ["这条预警已经结束。", "This alert has been resolved already."], no_alert_open: ["这条预警尚未结束，不能复核。", "This alert is still open; only a resolved one is reviewed."],
  no_no_first_verdict: ["这条预警是自动结束的，没有结论可复核。", "This alert ended by itself: there is no verdict to review."],
  no_own_verdict: ["这条预警由您结束，需由他人复核。", "You resolved this alert; another person has to review it."],
  no_already_reviewed: ["您已复核过这条预警，每人只能一次。", "You have reviewed this alert; each person does it once."],
  no_no_second_verdicts: ["该学院没有启用复核。", "This college takes no second verdicts."],
  no_alert_unknown: ["没有这条预警，或者您不能查看。", "There is no such alert, or you may not see it."],
  no_list: ["您的角色不能查看预警。", "Your role may not see alerts."],
  no_401: ["令牌无效或已过期，请重新用完整链接打开本页。", "The token is not valid or has expired. Open the page by a fresh full link."],
  no_403: ["您不能进行此操作。", "You may not do this."], no_503: ["服务暂时不可用，请稍后再试。", "The service is away for a moment. Try again soon."],
  no_0: ["无法连接服务，操作未成功。请稍后再试。", "The service could not be reached; nothing was done. Try again soon."],
  no_other: ["操作未成功（{status}）。", "That did not work ({status})."],
};
export const LEVELS = ["red", "orange", "yellow", "blue"];
export const VERDICTS = ["confirmed_need", "no_need", "already_in_care", "data_error", "unreachable"];
export const NOTES = ["talk_held", "referred", "plan_agreed", "family_informed", "no_answer", "wrong_data", "other"];

let language = localStorage.getItem("lantern.language") || (navigator.language.startsWith("zh") ? "zh" : "en");

export const spoken = () => language;
export const known = (key) => Object.hasOwn(WORDS, key);
export const word = (key) => (known(key) ? WORDS[key][language === "zh" ? 0 : 1] : key);
export const phrase = (key, values) => word(key).replace(/\{(\w+)\}/g, (_, name) => values[name]);
export const listed = (keys) => keys.map(word).join(language === "zh" ? "、" : ", ");

export function speakOther() {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("lantern.language", language);
}

// Write the words into all that names one by `data-text`, and tell the document its language.
export function wordAll() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = "Lantern " + word("title");
  for (const each of document.querySelectorAll("[data-text]")) each.textContent = word(each.dataset.text);
}
