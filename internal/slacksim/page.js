// Keeps the page current: whenever the server says that something changed, the
// page is fetched again and its lists are exchanged. Times are shown in the
// reader's own zone.
"use strict";

const tokens = {
  "{date_num}": { year: "numeric", month: "2-digit", day: "2-digit" },
  "{date}": { dateStyle: "long" }, "{date_pretty}": { dateStyle: "long" },
  "{date_short}": { dateStyle: "medium" }, "{date_short_pretty}": { dateStyle: "medium" },
  "{date_long}": { dateStyle: "full" }, "{date_long_pretty}": { dateStyle: "full" },
  "{time}": { timeStyle: "short" }, "{time_secs}": { timeStyle: "medium" },
};

function localTimes(root) {
  for (const el of root.querySelectorAll("time[data-format]")) {
    const at = new Date(el.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    el.textContent = el.dataset.format.replace(/\{[a-z_]+\}/g, (t) =>
      Object.hasOwn(tokens, t) ? new Intl.DateTimeFormat(undefined, tokens[t]).format(at) : t);
  }
}

let busy = false, again = false;

async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    do {
      again = false;
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok) break;
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      localTimes(next);
      exchange(next);
    } while (again);
  } catch {
    // The stream says when the server is back.
  } finally {
    busy = false;
  }
}

// exchange adds new messages one by one, so that a screen reader announces only
// those, and replaces what else changed.
function exchange(next) {
  const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 80;
  const log = document.getElementById("log"), nextLog = next.getElementById("log");
  for (const old of [...log.children]) if (!next.getElementById(old.id)) old.remove();
  for (const item of [...nextLog.children]) if (!document.getElementById(item.id)) log.append(document.importNode(item, true));
  const channels = document.getElementById("channels"), nextChannels = next.getElementById("channels");
  if (channels.innerHTML !== nextChannels.innerHTML) {
    const focused = channels.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    channels.replaceWith(document.importNode(nextChannels, true));
    if (focused) document.querySelector(`#channels a[href="${CSS.escape(focused)}"]`)?.focus();
  }
  const main = document.getElementById("messages"), nextMain = next.getElementById("messages");
  for (const what of ["h1", "p.none", "section.refused"]) {
    const here = main.querySelector(`:scope > ${what}`), there = nextMain.querySelector(`:scope > ${what}`);
    if (here && there) { if (here.innerHTML !== there.innerHTML) here.replaceWith(document.importNode(there, true)); }
    else if (here) here.remove();
    else if (there) main.append(document.importNode(there, true));
  }
  document.title = next.title;
  if (atEnd) scrollTo({ top: document.documentElement.scrollHeight });
}

localTimes(document);
scrollTo({ top: document.documentElement.scrollHeight });
const live = document.getElementById("live");
const stream = new EventSource("/_sim/stream");
stream.onmessage = () => { if (live.textContent !== "Live") live.textContent = "Live"; refresh(); };
stream.onerror = () => { live.textContent = "Not connected, trying again…"; };
