// The live stream by fetch, since EventSource cannot carry a bearer token.
import { call } from "./calls.js";

const RETRY_FIRST = 1000, RETRY_LONGEST = 15000, SILENCE = 40000;
let lastEvent = null;

// Follow for as long as the page lives. `heard` has ready(), alert(change), lost() and refused(error).
export async function follow(heard) {
  let pause = RETRY_FIRST;
  for (;;) {
    try {
      await watch(heard, () => { pause = RETRY_FIRST; });
    } catch (error) {
      if (error.status === 401 || error.status === 403) return heard.refused(error);
      console.warn("stream", String(error));
    }
    heard.lost();
    await new Promise((done) => setTimeout(done, pause * (0.5 + Math.random() / 2)));
    pause = Math.min(pause * 2, RETRY_LONGEST);
  }
}

async function watch(heard, connected) {
  const control = new AbortController();
  let timer = setTimeout(() => control.abort(), SILENCE);
  const headers = lastEvent === null ? {} : { "Last-Event-ID": lastEvent };
  try {
    const answer = await call("/v1/alerts/stream", { headers, signal: control.signal });
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);  // the service sends a comment every 15 s: longer silence is a dead line
      timer = setTimeout(() => control.abort(), SILENCE);
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) await receive(block, heard, connected);
    }
  } finally {
    clearTimeout(timer);
    control.abort();
  }
}

async function receive(block, heard, connected) {
  const field = {};
  for (const line of block.split("\n")) {
    const at = line.indexOf(":");
    if (at > 0) field[line.slice(0, at)] = line.slice(at + 1).trimStart();
  }
  if (field.event === "ready") {
    lastEvent = lastEvent ?? String(JSON.parse(field.data).from);
    connected();
    await heard.ready();  // the stream is open: what came before it is in the list
  } else if (field.event === "alert") {
    lastEvent = field.id;
    heard.alert(JSON.parse(field.data));
  }
}
