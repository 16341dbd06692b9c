// The dialog in which a person resolves an alert, or gives a second verdict, or declines to.
import { pathOf, post } from "./calls.js";
import { NOTES, VERDICTS, phrase, word } from "./words.js";

const $ = (id) => document.getElementById(id);
let alert = null, deed = "", heard = null;

// `told` has done(detail, sentence), refused(alert, refusal) and closed(alert, deed).
export function ask(about, what, told) {
  [alert, deed, heard] = [about, what, told];
  fill();
  $("judge-form").reset();
  complain("");
  $("judge").showModal();
}

function fill() {
  $("judge-title").textContent = word(`${deed}Title`);
  $("judge-help").textContent = word(`${deed}Help`);
  $("judge-student").textContent = alert.student;
  const choices = VERDICTS.map((verdict) => choice(verdict, word(verdict)));
  if (deed === "review") choices.push(choice("", word("decline")));
  $("verdicts").replaceChildren(...choices);
  $("note-row").hidden = deed !== "resolve";
  $("note").replaceChildren(new Option(word("noNote"), ""), ...NOTES.map((note) => new Option(word(`note_${note}`), note)));
  busy(false);
}

function choice(value, text) {
  const made = document.createElement("label"), input = document.createElement("input");
  Object.assign(input, { type: "radio", name: "verdict", value });
  made.className = "check";
  made.append(input, " ", text);
  return made;
}

function busy(is) {
  $("judge-send").disabled = is;
  $("judge-send").textContent = word(is ? "sending" : "send");
}

function complain(text) {
  $("judge-error").textContent = text;
  $("judge-error").hidden = !text;
}

async function send(event) {
  event.preventDefault();
  const chosen = $("verdicts").querySelector("input:checked");
  if (!chosen) {
    complain(word("choose"));
    $("verdicts").querySelector("input").focus();
    return;
  }
  const [about, what] = [alert, deed];
  busy(true);
  complain("");
  const verdict = chosen.value || null;
  const body = what === "resolve" ? { verdict, note: $("note").value || null } : { verdict };
  try {
    const found = await post(pathOf(about.id, what), body);
    heard.done(found, () => sentence(what, found, verdict));
    $("judge").close();
  } catch (refusal) {
    complain(refusal.sentence ?? String(refusal));
    heard.refused(about, refusal);
  }
  busy(false);
}

function sentence(what, found, own) {
  const key = what === "resolve" ? "didResolve" : own ? "didReview" : "didDecline";
  return phrase(key, { student: found.student, verdict: word(found.verdict), own: own && word(own) });
}

$("judge-form").addEventListener("submit", send);
$("judge-cancel").addEventListener("click", () => $("judge").close());
$("judge").addEventListener("close", () => heard.closed(alert, deed));
