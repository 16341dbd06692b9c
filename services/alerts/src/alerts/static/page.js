"use strict";
// The live list of alerts. What is shown is what the API gives for the caller's tier; nothing is
// hidden here that was sent. Text from the service goes into the page as text, never as markup.
(() => {
  const WORDS = {
    zh: {
      title: "关怀预警", skip: "跳到列表", other: "English", otherLang: "en",
      noToken: "需要访问令牌", noTokenHelp: "请用命令行给出的完整链接打开本页；令牌写在网址的 # 之后，只留在本标签页。",
      badToken: "令牌无效或已过期，请重新用完整链接打开本页。", forbidden: "您的角色不能查看预警。",
      empty: "目前没有需要处理的预警", emptyHelp: "新的预警会自动出现在这里，无需刷新。",
      showResolved: "显示已结束", more: "更多", footer: "颜色只是提示，请以文字为准。关注等级不是诊断。",
      live: "实时连接正常", connecting: "正在连接…", lost: "连接中断，正在重连…", none: "未连接",
      open: "待确认", acknowledged: "已确认", resolved: "已结束",
      ack: "确认接手", acked: "已确认", acking: "正在确认…", failed: "操作未成功：",
      college: "学院", team: "团队", coverage: "数据覆盖", why: "依据", told: "已告知", tooLow: "数据不足", unknown: "未知",
      pattern: "行为变化", silence: "无活动记录", screening: "量表筛查", report: "人员报告", review: "人工复核",
      school: "学校", person: "请于 {when} 前由人员确认", left: "还有 {span}", late: "已超时 {span}", overdue: "已超时", inhibited: "以下数据源中断，相关的“无活动”依据暂不采用：",
      suspended: "模型的校准已失效，其判断暂停使用；紧急规则、长时间无活动规则和人员报告照常预警。需由人员核查后恢复。", silent: "试运行", silentHelp: "仅记录，未通知任何人",
      now: "刚刚", ago: "{span}前", minutes: "{n} 分钟", hours: "{n} 小时", days: "{n} 天", levels: "各等级数量", request: "关怀请求",
      blue: "蓝·提示", yellow: "黄·关注", orange: "橙·预警", red: "红·危机", verdict: "结论", blind: "作出本人的独立判断后显示",
      confirmed_need: "确有需要", no_need: "无需帮助", already_in_care: "已在帮扶", data_error: "数据有误", unreachable: "未能联系",
    },
    en: {
      title: "care alerts", skip: "Skip to the list", other: "中文", otherLang: "zh-CN",
      noToken: "An access token is needed", noTokenHelp: "Open this page by the full link that the command line printed. The token stands after the # and stays in this tab.",
      badToken: "The token is not valid or has expired. Open the page by a fresh full link.", forbidden: "Your role may not see alerts.",
      empty: "Nothing needs you right now", emptyHelp: "New alerts appear here by themselves.",
      showResolved: "Show resolved", more: "More", footer: "Colours are only a hint; the words count. A concern level is not a diagnosis.",
      live: "Live", connecting: "Connecting…", lost: "Connection lost, trying again…", none: "Not connected",
      open: "Open", acknowledged: "Acknowledged", resolved: "Resolved",
      ack: "Acknowledge", acked: "Acknowledged", acking: "Acknowledging…", failed: "Did not work: ",
      college: "College", team: "Team", coverage: "Data coverage", why: "Rests on", told: "Told", tooLow: "too little data", unknown: "unknown",
      pattern: "change of pattern", silence: "no activity seen", screening: "screening", report: "report by a person", review: "review by a person",
      school: "School", person: "Person needed by {when}", left: "{span} left", late: "Overdue by {span}", overdue: "Overdue", inhibited: "These data sources are down; absence that rests on them is not used: ",
      suspended: "The model is suspended: its calibration broke. Urgent rules, plain silence and reports by people go on as ever. A person has to check and resume it.", silent: "Silent trial", silentHelp: "recorded only, nobody was told",
      now: "just now", ago: "{span} ago", minutes: "{n} min", hours: "{n} h", days: "{n} d", levels: "Alerts by level", request: "Care request",
      blue: "Blue · note", yellow: "Yellow · attention", orange: "Orange · warning", red: "Red · crisis", verdict: "Verdict", blind: "shown after your own, independent one",
      confirmed_need: "confirmed need", no_need: "no need", already_in_care: "already in care", data_error: "data error", unreachable: "unreachable",
    },
  };
  const LEVELS = ["red", "orange", "yellow", "blue"];
  const PAGE = 100, RETRY_FIRST = 1000, RETRY_LONGEST = 15000, SILENCE = 40000;
  const GRAVE = ["red", "orange", "yellow"];
  const $ = (id) => document.getElementById(id);
  const alerts = new Map();
  const fresh = new Set();
  let language = localStorage.getItem("lantern.language") || (navigator.language.startsWith("zh") ? "zh" : "en");
  let connection = "none", lastEvent = null, next = null, linked = null, drawing = false, dead = [];

  const token = takeToken();
  const word = (key) => WORDS[language][key] ?? key;
  const phrase = (key, values) => word(key).replace(/\{(\w+)\}/g, (_, name) => values[name]);

  function takeToken() {
    // The fragment never leaves the browser; it is kept for this tab and removed from the address.
    const given = new URLSearchParams(location.hash.slice(1));
    linked = given.get("alert");
    if (given.get("token")) {
      sessionStorage.setItem("lantern.token", given.get("token"));
      history.replaceState(null, "", location.pathname + (linked ? "#alert=" + encodeURIComponent(linked) : ""));
    }
    return sessionStorage.getItem("lantern.token");
  }

  async function call(path, options = {}) {
    return fetch(path, { ...options, cache: "no-store", headers: { Authorization: "Bearer " + token, ...options.headers } });
  }

  function refuse(status) {
    sessionStorage.removeItem("lantern.token");
    $("board").hidden = true;
    $("gate").hidden = status !== 401;
    complain(word(status === 401 ? "badToken" : "forbidden"));
    setConnection("none");
  }

  function complain(text) {
    $("error").textContent = text || "";
    $("error").hidden = !text;
  }

  function setConnection(state) {
    connection = state;
    $("connection").dataset.state = state;
    $("connection-text").textContent = word(state);
  }

  // The list is newest first; what is graver is loaded whole before it, however old it is.
  async function load(cursor) {
    const status = $("show-resolved").checked ? "all" : "active";
    if (!cursor) {
      alerts.clear();
      for (const level of GRAVE) {
        for (let from = ""; from !== null;) {
          const page = await fetchPage(`status=active&level=${level}`, from);
          if (!page) return false;
          from = page.next;
        }
      }
    }
    const page = await fetchPage(`status=${status}`, cursor);
    if (!page) return false;
    next = page.next;
    draw();
    return true;
  }

  async function fetchPage(query, cursor) {
    const answer = await call(`/v1/alerts?${query}&limit=${PAGE}` + (cursor ? "&cursor=" + encodeURIComponent(cursor) : ""));
    if (answer.status === 401 || answer.status === 403) { refuse(answer.status); return null; }
    if (!answer.ok) throw new Error("HTTP " + answer.status);
    const page = await answer.json();
    for (const each of page.alerts) alerts.set(each.id, each);
    return page;
  }

  async function inhibitions() {
    const answer = await call("/v1/inhibitions");
    if (!answer.ok) return;
    const found = await answer.json();
    dead = found.feeds.map((feed) => feed.feed);
    $("suspended").hidden = !found.is_model_suspended;
    drawInhibited();
  }

  function drawInhibited() {
    $("inhibited").hidden = dead.length === 0;
    $("inhibited").textContent = word("inhibited") + dead.join(language === "zh" ? "、" : ", ");
  }

  // --- the stream: fetch, since EventSource cannot carry a bearer token ---------------------------

  async function follow() {
    let pause = RETRY_FIRST;
    for (;;) {
      setConnection(connection === "lost" ? "lost" : "connecting");
      try {
        if (!(await watch(() => { pause = RETRY_FIRST; }))) return;
      } catch (error) {
        console.warn("stream", String(error));
      }
      setConnection("lost");
      await new Promise((done) => setTimeout(done, pause * (0.5 + Math.random() / 2)));
      pause = Math.min(pause * 2, RETRY_LONGEST);
    }
  }

  async function watch(connected) {
    const control = new AbortController();
    let timer = setTimeout(() => control.abort(), SILENCE);
    const headers = lastEvent === null ? {} : { "Last-Event-ID": lastEvent };
    try {
      const answer = await call("/v1/alerts/stream", { headers, signal: control.signal });
      if (answer.status === 401 || answer.status === 403) { refuse(answer.status); return false; }
      if (!answer.ok || !answer.body) throw new Error("HTTP " + answer.status);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return true;
        clearTimeout(timer);  // the service sends a comment every 15 s: longer silence is a dead line
        timer = setTimeout(() => control.abort(), SILENCE);
        const blocks = (rest + value).split("\n\n");
        rest = blocks.pop();
        for (const block of blocks) await receive(block, connected);
      }
    } finally {
      clearTimeout(timer);
      control.abort();
    }
  }

  async function receive(block, connected) {
    const field = {};
    for (const line of block.split("\n")) {
      const at = line.indexOf(":");
      if (at > 0) field[line.slice(0, at)] = line.slice(at + 1).trimStart();
    }
    if (field.event === "ready") {
      lastEvent = lastEvent ?? String(JSON.parse(field.data).from);
      connected();
      if (!(await load())) return;  // the stream is open: what came before it is in the list
      await inhibitions();
      setConnection("live");
    } else if (field.event === "alert") {
      lastEvent = field.id;
      const alert = JSON.parse(field.data).alert;
      if (!alerts.has(alert.id)) fresh.add(alert.id);
      if (alert.status === "resolved" && !$("show-resolved").checked) alerts.delete(alert.id);
      else alerts.set(alert.id, alert);
      draw();
    }
  }

  // --- drawing ------------------------------------------------------------------------------------

  function draw() {
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(() => { drawing = false; render(); });
  }

  function order(a, b) {
    if (a.id === linked || b.id === linked) return a.id === linked ? -1 : 1;
    const done = (x) => (x.status === "resolved" ? 1 : 0);
    const level = (x) => (x.level ? LEVELS.indexOf(x.level) : 9);
    const when = (x) => x.updated_at || x.since;
    const late = isOverdue(b) - isOverdue(a);
    if (late || isOverdue(a)) return late || due(a) - due(b);
    return done(a) - done(b) || level(a) - level(b) || (when(a) < when(b) ? 1 : -1);
  }

  function due(alert) {
    return alert.person_needed_by && alert.status !== "resolved" ? new Date(alert.person_needed_by) : null;
  }

  function isOverdue(alert) {
    const by = due(alert);
    return by !== null && by <= Date.now();
  }

  function render() {
    const shown = [...alerts.values()].sort(order);
    const focused = document.activeElement?.closest?.(".card")?.dataset.id;
    $("list").replaceChildren(...shown.map(card));
    if (focused) document.querySelector(`.card[data-id="${CSS.escape(focused)}"] button`)?.focus();
    $("empty").hidden = shown.length > 0;
    $("more").hidden = !next;
    counts(shown);
    fresh.clear();
  }

  function counts(shown) {
    $("counts").setAttribute("aria-label", word("levels"));
    const active = shown.filter((each) => each.status !== "resolved");
    const made = LEVELS.map((level) => [level, active.filter((each) => each.level === level).length])
      .filter(([, count]) => count > 0)
      .map(([level, count]) => tag(level, word(level), count));
    const overdue = active.filter(isOverdue).length;
    if (overdue) made.unshift(tag("", word("overdue"), overdue, "overdue"));
    const requests = active.filter((each) => each.view === "team").length;
    if (requests) made.push(tag("", word("request"), requests));
    $("counts").replaceChildren(...made);
  }

  function tag(level, text, count, mark = "") {
    const made = document.createElement("span");
    made.className = `count ${mark}`.trim();
    if (level) made.dataset.level = level;
    const number = document.createElement("b");
    number.textContent = count;
    made.append(text, number);
    return made;
  }

  function card(alert) {
    const item = $("card").content.firstElementChild.cloneNode(true);
    const part = (name) => item.querySelector(name);
    const isTeam = alert.view === "team";
    item.dataset.id = alert.id;
    if (alert.level) item.dataset.level = alert.level;
    item.classList.toggle("new", fresh.has(alert.id));
    item.classList.toggle("done", alert.status === "resolved");
    item.classList.toggle("late", isOverdue(alert));
    part(".level").textContent = isTeam ? word("request") : alert.level_name[language];
    part(".status").textContent = word(alert.status);
    const changed = new Date(alert.updated_at || alert.since);
    part(".age").textContent = age(changed);
    part(".age").title = moment(changed);
    part(".age").dateTime = changed.toISOString();
    part(".student code").textContent = alert.student;
    part(".id").textContent = alert.id;
    part(".id").title = alert.id;
    if (isTeam) {
      part(".request").hidden = false;
      part(".request").textContent = alert.request[language];
    } else {
      facts(part("dl"), alert);
      if (due(alert)) clock(part(".clock"), alert);
    }
    button(part("button"), alert);
    return item;
  }

  function clock(made, alert) {
    const minutes = (due(alert) - Date.now()) / 60000;
    const rest = phrase(minutes > 0 ? "left" : "late", { span: span(Math.abs(minutes)) });
    const [before, after] = word("person").split("{when}");
    const when = document.createElement("time");
    when.dateTime = alert.person_needed_by;
    when.textContent = moment(due(alert));
    const left = document.createElement("span");
    left.textContent = rest;
    made.replaceChildren(before, when, after + " ", left);
    made.hidden = false;
  }

  // The reader's own time zone and words: 9月8日周二 10:00, Tue 8 Sept, 10:00; the year if another.
  function moment(at) {
    const year = at.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" };
    const options = { ...year, month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", options).format(at);
  }

  function facts(list, alert) {
    const comma = language === "zh" ? "、" : ", ";
    const coverage = alert.coverage === null ? word("unknown") : Math.round(alert.coverage * 100) + " %";
    const rows = [
      ["college", alert.college || word("unknown")],
      ["why", alert.reason_kinds.map(word).join(comma)],
      ["coverage", coverage + (alert.is_coverage_too_low ? ` · ${word("tooLow")}` : "")],
    ];
    if (alert.is_silent) rows.push(["silent", word("silentHelp")]);
    if (alert.told) rows.push(["told", alert.told.map(word).join(comma)]);
    if (alert.verdict) rows.push(["verdict", word(alert.verdict)]);
    if (alert.is_verdict_hidden) rows.push(["verdict", word("blind")]);
    for (const [name, value] of rows) {
      const term = document.createElement("dt"), text = document.createElement("dd");
      term.textContent = word(name);
      text.textContent = value;
      list.append(term, text);
    }
  }

  function button(made, alert) {
    made.hidden = alert.status !== "open";
    made.textContent = word("ack");
    made.setAttribute("aria-label", `${word("ack")} ${alert.student}`);
    made.addEventListener("click", () => acknowledge(made, alert));
  }

  async function acknowledge(made, alert) {
    made.disabled = true;
    made.textContent = word("acking");
    complain("");
    try {
      const answer = await call(`/v1/alerts/${encodeURIComponent(alert.id)}/acknowledge`, { method: "POST" });
      const body = await answer.json();
      if (!answer.ok) throw new Error(body.detail || "HTTP " + answer.status);
      alerts.set(body.id, body);
    } catch (error) {
      complain(word("failed") + error.message);
    }
    draw();
  }

  function age(at) {
    const minutes = (Date.now() - at) / 60000;
    return minutes < 1 ? word("now") : phrase("ago", { span: span(minutes) });
  }

  function span(minutes) {
    if (minutes < 60) return phrase("minutes", { n: Math.max(1, Math.floor(minutes)) });
    if (minutes < 48 * 60) return phrase("hours", { n: Math.floor(minutes / 60) });
    return phrase("days", { n: Math.floor(minutes / 1440) });
  }

  function speak() {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    for (const each of document.querySelectorAll("[data-text]")) each.textContent = word(each.dataset.text);
    $("language").textContent = word("other");
    $("language").lang = word("otherLang");
    document.title = "Lantern " + word("title");
    setConnection(connection);
    drawInhibited();
    if (token) draw();
  }

  $("language").addEventListener("click", () => {
    language = language === "zh" ? "en" : "zh";
    localStorage.setItem("lantern.language", language);
    speak();
  });
  addEventListener("hashchange", () => location.reload());
  speak();
  if (!token) {
    $("gate").hidden = false;
    return;
  }
  $("board").hidden = false;
  $("show-resolved").addEventListener("change", () => load().catch((error) => complain(String(error))));
  $("more").addEventListener("click", () => load(next).catch((error) => complain(String(error))));
  setInterval(draw, 30000);
  follow();
})();
