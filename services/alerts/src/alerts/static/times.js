// Moments in the campus's time zone, whatever the browser's, and ages by the service's clock.
import { phrase, spoken, word } from "./words.js";

const ZONE = usable(document.documentElement.dataset.zone);
let ahead = 0;

function usable(zone) {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return "UTC";  // a name that this browser does not know; the page says which zone it shows
  }
}

export const now = () => Date.now() + ahead;

// The answer's `Date` says how far the browser's clock is off; below the header's second it holds.
export function hearClock(answer) {
  const off = Date.parse(answer.headers.get("Date")) - Date.now();
  if (!Number.isNaN(off)) ahead = Math.abs(off) < 2000 ? 0 : off;
}

export function zoneLabel() {
  const parts = new Intl.DateTimeFormat("en", { timeZone: ZONE, timeZoneName: "shortOffset" }).formatToParts(now());
  const offset = parts.find((part) => part.type === "timeZoneName").value.replace("GMT", "UTC");
  return phrase("zone", { zone: ZONE, offset });
}

// 9月8日周二 10:00, Tue 8 Sept, 10:00; the year if another.
export function moment(at) {
  const yearOf = (each) => new Intl.DateTimeFormat("en", { timeZone: ZONE, year: "numeric" }).format(each);
  const year = yearOf(at) === yearOf(now()) ? {} : { year: "numeric" };
  const options = { ...year, timeZone: ZONE, month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Intl.DateTimeFormat(spoken() === "zh" ? "zh-CN" : "en-GB", options).format(at);
}

export function timeTag(at) {
  const made = document.createElement("time");
  made.dateTime = at.toISOString();
  made.textContent = moment(at);
  return made;
}

// A replay's campus may be ahead of the clock: then there is no age to tell.
export function age(at) {
  const minutes = (now() - at) / 60000;
  if (minutes < -1) return "";
  return minutes < 1 ? word("now") : phrase("ago", { span: span(minutes) });
}

export function span(minutes) {
  if (minutes < 60) return phrase("minutes", { n: Math.max(1, Math.floor(minutes)) });
  if (minutes < 48 * 60) return phrase("hours", { n: Math.floor(minutes / 60) });
  return phrase("days", { n: Math.floor(minutes / 1440) });
}
