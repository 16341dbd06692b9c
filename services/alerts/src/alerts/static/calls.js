// Asking the API with the tab's token, and its refusals as sentences.
import { hearClock } from "./times.js";
import { known, phrase, word } from "./words.js";

const KEPT = "lantern.token";
export const linked = takeHash();
export const hasToken = () => sessionStorage.getItem(KEPT) !== null;
export const forgetToken = () => sessionStorage.removeItem(KEPT);
export const pathOf = (id, deed = "") => `/v1/alerts/${encodeURIComponent(id)}${deed && "/" + deed}`;

// The fragment never leaves the browser; the token is kept for this tab and removed from the address.
function takeHash() {
  const given = new URLSearchParams(location.hash.slice(1));
  const alert = given.get("alert");
  if (given.get("token")) {
    sessionStorage.setItem(KEPT, given.get("token"));
    history.replaceState(null, "", location.pathname + (alert ? "#alert=" + encodeURIComponent(alert) : ""));
  }
  return alert;
}

export class Refused extends Error {
  constructor(status, code) {
    super(code);
    this.status = status;
    this.code = code;
  }

  get sentence() {
    const key = [`no_${this.code}`, `no_${this.status}`].find(known);
    return key ? word(key) : phrase("no_other", { status: this.status });
  }
}

export async function call(path, options = {}) {
  const headers = { Authorization: "Bearer " + sessionStorage.getItem(KEPT), ...options.headers };
  const answer = await fetch(path, { ...options, cache: "no-store", headers }).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, "unreachable_service");
  });
  hearClock(answer);
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  throw new Refused(answer.status, problem.code);
}

export const get = async (path) => (await call(path)).json();

export async function post(path, body) {
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  return (await call(path, { method: "POST", ...sent })).json();
}
