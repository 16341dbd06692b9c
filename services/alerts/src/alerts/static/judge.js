// The dialog in which a person resolves an alert, or gives a second verdict, or declines to.
import { pathOf, post } from "./calls.js";
import { NOTES, VERDICTS, phrase, word } from "./words.js";

const $ = (id) => document.getElementById(id);
let asked = null;  // what the dialog asks now: {alert, deed, heard}

// `heard` has done(detail, sentence), refused(alert, refusal, isShown), closed(alert, deed); the
// refusal is shown where the dialog that sent it is open still.
export function ask(alert, deed, heard) {
  asked = { alert, deed, heard };
  fill(asked);
  $("judge-form").reset();
  complain("");
  $("judge").showModal();
}

function fill({ alert, deed }) {
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

// While a verdict is on its way its dialog stays, so that what became of it is read where it was given.
function busy(is) {
  for (const id of ["judge-send", "judge-cancel"]) $(id).disabled = is;
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
  const own = asked, { alert, deed, heard } = own;
  const isShown = () => own === asked && $("judge").open;
  busy(true);
  complain("");
  const verdict = chosen.value || null;
  const body = deed === "resolve" ? { verdict, note: $("note").value || null } : { verdict };
  try {
    const found = await post(pathOf(alert.id, deed), body);
    heard.done(found, () => sentence(deed, found, verdict));
    if (isShown()) $("judge").close();
  } catch (refusal) {
    if (isShown()) complain(refusal.sentence ?? String(refusal));
    heard.refused(alert, refusal, isShown());
  }
  if (own === asked) busy(false);
}

function sentence(deed, found, own) {
  const key = deed === "resolve" ? "didResolve" : own ? "didReview" : "didDecline";
  return phrase(key, { student: found.student, verdict: word(found.verdict), own: own && word(own) });
}

$("judge-form").addEventListener("submit", send);
$("judge-cancel").addEventListener("click", () => $("judge").close());
$("judge").addEventListener("cancel", (event) => { if ($("judge-send").disabled) event.preventDefault(); });
$("judge").addEventListener("close", () => asked.heard.closed(asked.alert, asked.deed));
