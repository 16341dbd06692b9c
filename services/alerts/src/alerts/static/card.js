// One alert as a card. Text from the service goes into the page as text, never as markup.
import { age, now, span, timeTag } from "./times.js";
import { known, listed, phrase, spoken, word } from "./words.js";

export function due(alert) {
  return alert.person_needed_by && alert.status !== "resolved" ? new Date(alert.person_needed_by) : null;
}

export function isOverdue(alert) {
  const by = due(alert);
  return by !== null && by <= now();
}

// `history`: undefined while it is folded away, null while it is fetched.
export function card(alert, { isFresh, history }) {
  const item = document.getElementById("card").content.firstElementChild.cloneNode(true);
  const part = (name) => item.querySelector(name);
  const isTeam = alert.view === "team";
  item.dataset.id = alert.id;
  if (alert.level) item.dataset.level = alert.level;
  item.classList.toggle("new", isFresh);
  item.classList.toggle("done", alert.status === "resolved" && !alert.may.includes("review"));
  item.classList.toggle("late", isOverdue(alert));
  part(".level").textContent = isTeam ? word("request") : alert.level_name[spoken()];
  part(".status").textContent = word(alert.status);
  const changed = new Date(alert.updated_at || alert.since);
  part(".age").textContent = age(changed);
  row(part("dl"), "time", timeTag(changed));
  part(".student code").textContent = alert.student;
  if (isTeam) {
    part(".request").hidden = false;
    part(".request").textContent = alert.request[spoken()];
  } else {
    facts(part("dl"), alert);
    if (due(alert)) clock(part(".clock"), alert);
  }
  for (const made of item.querySelectorAll("button")) button(made, alert);
  unfold(part("[data-act=details]"), part(".past"), alert, history);
  return item;
}

export function element(name, text, kind = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function clock(made, alert) {
  const minutes = (due(alert) - now()) / 60000;
  const [before, after] = word("person").split("{when}");
  const left = phrase(minutes > 0 ? "left" : "late", { span: span(Math.abs(minutes)) });
  made.replaceChildren(before, timeTag(due(alert)), after + " ", element("span", left));
  made.hidden = false;
}

function facts(list, alert) {
  const coverage = alert.coverage === null ? word("unknown") : Math.round(alert.coverage * 100) + " %";
  const rows = [
    ["college", alert.college || word("unknown")],
    ["why", listed(alert.reason_kinds)],
    ["coverage", coverage + (alert.is_coverage_too_low ? ` · ${word("tooLow")}` : "")],
  ];
  if (alert.is_silent) rows.push(["silent", word("silentHelp")]);
  if (alert.told?.length) rows.push(["told", listed(alert.told)]);
  if (alert.acknowledged_by.length) rows.push(["by", listed(alert.acknowledged_by)]);
  if (alert.verdict) rows.push(["verdict", word(alert.verdict)]);
  if (alert.is_verdict_hidden) rows.push(["verdict", word("blind")]);
  for (const [name, value] of rows) row(list, name, value);
}

function row(list, name, value) {
  const made = element("dd", "");
  made.append(value);
  list.append(element("dt", word(name)), made);
}

// A button shows only what the API says that this caller may do now.
function button(made, alert) {
  const act = made.dataset.act;
  const text = word(act === "review" ? "judge" : act);
  made.textContent = text;
  made.setAttribute("aria-label", `${text} ${alert.student}`);
  made.hidden = act !== "details" && !alert.may.includes(act);
}

function unfold(made, past, alert, history) {
  past.id = `past-${alert.id}`;
  past.hidden = history === undefined;
  made.setAttribute("aria-expanded", String(!past.hidden));
  made.setAttribute("aria-controls", past.id);
  if (!history) return;
  past.querySelector("ol").append(...history.map((each) => line(each, alert)));
  if (!history.length) past.querySelector("ol").append(element("li", word("noHistory")));
  past.querySelector(".id").textContent = `${word("number")} ${alert.id}`;
}

// What happened, the level it then stood at, on what it rests or how it ended, and by whom. Of a
// screening only that there was one: which scale and item is no matter for a list.
function line(each, alert) {
  const said = [word(each.kind)];
  if (["opened", "raised", "lowered"].includes(each.kind) && known(each.level)) said.push(word(each.level));
  if (["opened", "raised", "signal", "withheld"].includes(each.kind)) said.push(word(each.reason_kind));
  if (each.verdict) said.push(word(each.verdict));
  if (each.kind === "reviewed" && !each.verdict && !alert.is_verdict_hidden) said.push(word("gaveNone"));
  if (known(`note_${each.reason}`)) said.push(word(`note_${each.reason}`));
  if (each.tier) said.push(phrase("byTier", { tier: word(each.tier).toLowerCase() }));
  const made = document.createElement("li");
  made.append(timeTag(new Date(each.at)), element("span", said.join(" · ")));
  return made;
}
