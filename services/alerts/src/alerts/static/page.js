// The live list of alerts. What is shown is what the API gives for the caller's tier; nothing is
// hidden here that was sent.
import { forgetToken, get, hasToken, linked, pathOf, post } from "./calls.js";
import { card, due, element, isOverdue } from "./card.js";
import { ask } from "./judge.js";
import { follow } from "./stream.js";
import { zoneLabel } from "./times.js";
import { LEVELS, listed, phrase, speakOther, word, wordAll } from "./words.js";

const PAGE = 100, GRAVE = ["red", "orange", "yellow"], TICK = 30000, SOON = 250;
const $ = (id) => document.getElementById(id);
const alerts = new Map(), fresh = new Set(), past = new Map();
const touched = new Set();  // heard of since the latest load began: newer than what it brings
let loads = 0, isLoaded = false;
let waiting = [], isWaitingShown = false, isMoreWaiting = false, waitingTimer = 0;
let said = {}, connection = "none", next = null, isDrawing = false, dead = [];

// Say a sentence, made anew when the language changes; the other kind of news is over then.
function tell(place, make) {
  said = { error: () => "", done: () => "", [place]: make };
  for (const [id, sentence] of Object.entries(said)) {
    $(id).textContent = sentence();
    $(id).hidden = !sentence();
  }
}

function setConnection(state) {
  connection = state;
  $("connection").dataset.state = state;
  $("connection-text").textContent = word(state);
}

// Without the right to see the list there is nothing to show.
function turnAway(refusal) {
  forgetToken();
  $("board").hidden = true;
  $("gate").hidden = refusal.status !== 401;
  tell("error", () => word(refusal.status === 401 ? "no_401" : "no_list"));
  setConnection("none");
}

function explain(refusal) {
  if (refusal.status === 401) turnAway(refusal);
  else tell("error", () => refusal.sentence ?? String(refusal));
}

// --- what the API says ----------------------------------------------------------------------------

// The list is newest first; what is graver is loaded whole before it, however old it is. What was
// shown stays until the new list is whole, and a load that a later one overtook changes nothing.
async function load() {
  const own = ++loads, found = new Map();
  touched.clear();
  for (const level of GRAVE) {
    for (let from = ""; from !== null;) from = await loadPage(found, `status=active&level=${level}`, from);
  }
  const more = await loadPage(found, wanted());
  if (own !== loads) return;
  for (const id of alerts.keys()) if (!touched.has(id)) alerts.delete(id);
  keep(found);
  [next, isLoaded] = [more, true];
  if (linked && !alerts.has(linked)) await refresh(linked);
  draw();
}

async function loadMore() {
  const own = loads, found = new Map();
  const more = await loadPage(found, wanted(), next);
  if (own !== loads) return;
  keep(found);
  next = more;
  draw();
}

const wanted = () => `status=${$("show-resolved").checked ? "all" : "active"}`;

async function loadPage(found, query, cursor = "") {
  const page = await get(`/v1/alerts?${query}&limit=${PAGE}` + (cursor ? "&cursor=" + encodeURIComponent(cursor) : ""));
  for (const each of page.alerts) found.set(each.id, each);
  return page.next;
}

function keep(found) {
  for (const [id, alert] of found) if (!touched.has(id)) alerts.set(id, alert);
}

async function loadWaiting() {
  const page = await get(`/v1/alerts?status=to_review&limit=${PAGE}`);
  [waiting, isMoreWaiting] = [page.alerts, page.next !== null];
  draw();
}

async function loadInhibited() {
  const found = await get("/v1/inhibitions");
  dead = found.feeds.map((feed) => feed.feed);
  $("suspended").hidden = !found.is_model_suspended;
  drawInhibited();
}

// Take one alert as it now stands.
function take(alert) {
  touched.add(alert.id);
  const isShown = alert.status !== "resolved" || $("show-resolved").checked || alert.id === linked;
  if (isShown) alerts.set(alert.id, alert);
  else alerts.delete(alert.id);
  if (alert.history && past.has(alert.id)) past.set(alert.id, alert.history);
  draw();
}

async function refresh(id) {
  try {
    take(await get(pathOf(id)));
  } catch (refusal) {
    if (refusal.status !== 404) throw refusal;
    touched.add(id);
    alerts.delete(id);
    draw();
  }
}

const heard = {
  async ready() {
    await load();
    await Promise.all([loadWaiting(), loadInhibited()]);
    setConnection("live");
  },
  alert({ kind, alert }) {
    if (!alerts.has(alert.id)) fresh.add(alert.id);
    take(alert);
    if (past.has(alert.id)) refresh(alert.id).catch(explain);
    if (kind === "resolved" || kind === "reviewed") {
      clearTimeout(waitingTimer);
      waitingTimer = setTimeout(() => loadWaiting().catch(explain), SOON);
    }
  },
  lost: () => setConnection("lost"),
  refused: turnAway,
};

// --- what a person does ---------------------------------------------------------------------------

const DEEDS = {
  async acknowledge(alert, made) {
    made.disabled = true;
    made.textContent = word("acknowledging");
    try {
      take(await post(pathOf(alert.id, "acknowledge")));
      tell("done", () => phrase("didAcknowledge", alert));
    } catch (refusal) {
      explain(refusal);
      await afterRefusal(alert, refusal);
    }
    draw();
  },
  resolve: (alert) => ask(alert, "resolve", dialogue),
  review: (alert) => ask(alert, "review", dialogue),
  async details(alert) {
    if (past.delete(alert.id)) return draw();
    past.set(alert.id, null);
    try {
      const { history } = await get(pathOf(alert.id));
      if (past.has(alert.id)) past.set(alert.id, history);
    } catch (refusal) {
      past.delete(alert.id);
      throw refusal;
    } finally {
      draw();
    }
  },
};

const dialogue = {
  done(detail, sentence) {
    waiting = waiting.filter((each) => each.id !== detail.id);
    take(detail);
    tell("done", sentence);
  },
  refused(alert, refusal, isShown) {
    if (!isShown) explain(refusal);
    return afterRefusal(alert, refusal);
  },
  closed(alert, deed) {
    draw();
    requestAnimationFrame(() => focusOn(alert.id, deed));
  },
};

// A refusal says that the alert is no longer as shown: show it as it is.
async function afterRefusal(alert, refusal) {
  if (![403, 404, 409].includes(refusal.status)) return;
  await Promise.all([refresh(alert.id), loadWaiting()]).catch(explain);
}

function focusOn(id, act = "") {
  const buttons = [...document.querySelectorAll(`.card[data-id="${CSS.escape(id)}"] button:not([hidden])`)];
  (buttons.find((each) => each.dataset.act === act) ?? buttons[0] ?? $("list")).focus();
}

// --- drawing --------------------------------------------------------------------------------------

function draw() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => { isDrawing = false; render(); });
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

function render() {
  const shown = isWaitingShown ? waiting : [...alerts.values()].sort(order);
  const at = document.activeElement?.closest?.(".card button");
  const focused = at && [at.closest(".card").dataset.id, at.dataset.act];
  $("list").replaceChildren(...shown.map((each) => card(each, { isFresh: fresh.has(each.id), history: past.get(each.id) })));
  if (focused) focusOn(...focused);
  $("empty").hidden = shown.length > 0 || !isLoaded;
  $("empty-title").textContent = word(isWaitingShown ? "noneWaits" : "empty");
  $("empty-help").textContent = word(isWaitingShown ? "noneWaitsHelp" : "emptyHelp");
  $("more").hidden = isWaitingShown || !next;
  drawTools();
  fresh.clear();
}

function drawTools() {
  const active = [...alerts.values()].filter((each) => each.status !== "resolved");
  const made = LEVELS.map((level) => [level, active.filter((each) => each.level === level).length])
    .filter(([, count]) => count > 0)
    .map(([level, count]) => tag(level, word(level), count));
  const overdue = active.filter(isOverdue).length;
  if (overdue) made.unshift(tag("", word("overdue"), overdue, "overdue"));
  const requests = active.filter((each) => each.view === "team").length;
  if (requests) made.push(tag("", word("request"), requests));
  $("counts").replaceChildren(...made);
  $("counts").setAttribute("aria-label", word("levels"));
  $("waits").hidden = waiting.length === 0 && !isWaitingShown;
  $("resolved-too").hidden = isWaitingShown;
  $("waits").setAttribute("aria-pressed", String(isWaitingShown));
  $("waits").replaceChildren(word("waits") + " ", element("b", waiting.length + (isMoreWaiting ? "+" : "")));
}

function tag(level, text, count, mark = "") {
  const made = element("span", text, `count ${mark}`.trim());
  if (level) made.dataset.level = level;
  made.append(element("b", count));
  return made;
}

function drawInhibited() {
  $("inhibited").hidden = dead.length === 0;
  $("inhibited").textContent = word("inhibited") + listed(dead);
}

function speak() {
  wordAll();
  $("language").textContent = word("other");
  $("language").lang = word("otherLang");
  $("zone").textContent = zoneLabel();
  setConnection(connection);
  drawInhibited();
  for (const [id, sentence] of Object.entries(said)) $(id).textContent = sentence();
  if (hasToken()) draw();
}

$("language").addEventListener("click", () => { speakOther(); speak(); });
addEventListener("hashchange", () => { if (/[#&](token|alert)=/.test(location.hash)) location.reload(); });
speak();
if (hasToken()) {
  $("board").hidden = false;
  $("list").addEventListener("click", (event) => {
    const made = event.target.closest("button[data-act]");
    const id = made?.closest(".card").dataset.id;
    const alert = alerts.get(id) ?? waiting.find((each) => each.id === id);
    if (alert) Promise.resolve(DEEDS[made.dataset.act](alert, made)).catch(explain);
  });
  $("show-resolved").addEventListener("change", () => load().catch(explain));
  $("more").addEventListener("click", () => loadMore().catch(explain));
  $("waits").addEventListener("click", () => { isWaitingShown = !isWaitingShown; draw(); });
  setInterval(draw, TICK);
  setConnection("connecting");
  follow(heard);
} else {
  $("gate").hidden = false;
}
