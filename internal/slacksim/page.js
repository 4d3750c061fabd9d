// Keeps the page current: whenever the server says that something changed, the
// page is fetched again and what differs is exchanged. Does what a person does by
// telling the server. Times are shown in the reader's own zone.
"use strict";

const tokens = {
  "{date_num}": { year: "numeric", month: "2-digit", day: "2-digit" },
  "{date}": { dateStyle: "long" }, "{date_pretty}": { dateStyle: "long" },
  "{date_short}": { dateStyle: "medium" }, "{date_short_pretty}": { dateStyle: "medium" },
  "{date_long}": { dateStyle: "full" }, "{date_long_pretty}": { dateStyle: "full" },
  "{time}": { timeStyle: "short" }, "{time_secs}": { timeStyle: "medium" },
};

// dress gives a fresh piece of the page what only the browser knows: the reader's
// zone, and that links lead out of the simulated Slack.
function dress(root) {
  for (const el of root.querySelectorAll("time[data-format]")) {
    const at = new Date(el.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    el.textContent = el.dataset.format.replace(/\{[a-z_]+\}/g, (t) =>
      Object.hasOwn(tokens, t) ? new Intl.DateTimeFormat(undefined, tokens[t]).format(at) : t);
  }
  for (const a of root.querySelectorAll("a[rel~=noreferrer]")) a.target = "_blank";
  moments(root);
}

// source remembers how the server sent a piece, since using it changes it.
const source = new WeakMap();
const remember = (el, from = el) => { if (el) source.set(el, from.outerHTML); };

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
      dress(next);
      exchange(next);
    } while (again);
  } catch {
    // The stream says when the server is back.
  } finally {
    busy = false;
  }
}

// swap puts a fresh piece in the place of an old one where they differ, and keeps
// the focus.
function swap(old, fresh) {
  if (source.get(old) === fresh.outerHTML) return;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const to = document.importNode(fresh, true);
  remember(to, fresh);
  old.replaceWith(to);
  if (!focused) return;
  const href = focused.getAttribute("href");
  (focused.id ? document.getElementById(focused.id) : href && to.querySelector(`[href="${CSS.escape(href)}"]`))?.focus();
}

// exchange adds new messages one by one, so that a screen reader announces only
// those, and replaces what else changed.
function exchange(next) {
  const scroller = document.getElementById("scroll");
  const atEnd = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 80;
  const log = document.getElementById("log"), nextLog = next.getElementById("log");
  for (const old of [...log?.children ?? []]) if (!next.getElementById(old.id)) old.remove();
  for (const item of [...nextLog?.children ?? []]) {
    const old = document.getElementById(item.id);
    if (old) { swap(old, item); continue; }
    const made = document.importNode(item, true);
    remember(made, item);
    log.append(made);
  }
  for (const id of ["channels", "home"]) swap(document.getElementById(id), next.getElementById(id));
  for (const what of ["#messages > h1", "#scroll > p.none", "#scroll > section.refused"]) {
    const here = document.querySelector(what), there = next.querySelector(what);
    if (here && there) swap(here, there);
    else if (here) here.remove();
    else if (there) scroller.append(document.importNode(there, true));
  }
  thread(next.getElementById("thread"));
  modal(next.getElementById("modal"));
  document.title = next.title;
  if (atEnd) toEnd();
  seen();
}

// toEnd shows the latest message.
function toEnd() {
  const scroller = document.getElementById("scroll");
  scroller.scrollTop = scroller.scrollHeight;
}

// thread shows the thread at the side as it is now.
function thread(next) {
  const here = document.getElementById("thread"), at = here?.querySelector(".scroll").scrollTop ?? 0;
  if (here && next) swap(here, next);
  else if (here) here.remove();
  else if (next) document.getElementById("messages").after(document.importNode(next, true));
  document.body.classList.toggle("threaded", Boolean(next));
  const scroller = document.querySelector("#thread .scroll");
  if (scroller) scroller.scrollTop = at;
}

// seen tells the server, once, up to which message the reader has seen this channel.
let told = 0;

function seen() {
  const last = Math.max(0, ...[...document.querySelectorAll("#log > li")].map((li) => Number(li.dataset.seq)));
  if (last <= told || document.visibilityState !== "visible") return;
  told = last;
  fetch("/_sim/do", {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ as: document.body.dataset.as, do: "read", channel: document.body.dataset.channel, seen: last }),
  }).catch(() => { told = 0; });
}

// modal shows the modal that the server has, or closes the one that is shown.
// What was typed stays, where the field is still there.
function modal(next) {
  const here = document.getElementById("modal");
  if (!next) { here?.remove(); return; }
  if (here?.dataset.version === next.dataset.version && here.dataset.view === next.dataset.view) return;
  const same = here?.dataset.view === next.dataset.view;
  const typed = new Map();
  for (const el of same ? here.querySelectorAll("input[data-fill], textarea") : []) if (el.value !== el.defaultValue) typed.set(el.id, el.value);
  const entered = same && here.contains(document.activeElement) ? document.activeElement : null;
  const made = document.importNode(next, true);
  for (const [id, value] of typed) { const el = made.querySelector(`#${CSS.escape(id)}`); if (el) el.value = value; }
  const scrolled = same ? here.scrollTop : 0;
  if (here) here.replaceWith(made); else document.body.insertBefore(made, document.getElementById("confirm"));
  made.showModal();
  made.scrollTop = scrolled;
  const wrong = made.querySelector(".wrong input, .wrong textarea, .wrong select"), before = entered?.id ? document.getElementById(entered.id) : null;
  quiet = wrong !== null || entered?.getAttribute("aria-expanded") !== "true";
  (wrong ?? before ?? made.querySelector("[autofocus]") ?? made.querySelector(".blocks input, .blocks select, .blocks textarea"))?.focus({ preventScroll: same && !wrong });
  quiet = false;
}

// quiet is while a form that opens, or comes back with what is wrong, chooses which field is
// entered: the list of that one would cover the rest.
let quiet = false;

// act tells the server what was done, and shows what went wrong.
async function act(deed) {
  const notice = document.getElementById("notice");
  let answer;
  try {
    const sent = await fetch("/_sim/do", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ as: document.body.dataset.as, ...deed }),
    });
    answer = sent.ok ? await sent.json() : { problem: await sent.text() };
  } catch {
    answer = { problem: "The simulated Slack does not answer." };
  }
  const dialog = document.getElementById("modal");
  const where = deed.view && dialog ? dialog.querySelector(".buttons").previousElementSibling : notice;
  if (answer.problem || where === notice) where.textContent = answer.problem ?? "";
  return answer;
}

document.addEventListener("click", async (event) => {
  const el = event.target.closest("[data-click]");
  const option = event.target.closest("[role=option]"), chip = event.target.closest(".chips button");
  if (el) {
    if (!await confirmed(el)) return;
    el.setAttribute("aria-busy", "true");
    await act({ do: "click", key: el.dataset.click, ...placeOf(el) });
    el.removeAttribute("aria-busy");
  } else if (option) {
    pick(option.closest("[data-external]"), option);
  } else if (chip) {
    const combo = chip.closest("[data-external]"), input = combo.querySelector("input");
    chip.closest("li").remove();
    input.focus();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  } else if (event.target.closest("[data-close]")) {
    await act({ do: "close", ...placeOf(event.target) });
  } else if (event.target.getAttribute("aria-expanded") === "false") {
    offer(event.target);
  }
});

document.addEventListener("change", async (event) => {
  const el = event.target, key = keyOf(el);
  if (!key || (el.role === "combobox" && el.value !== "")) return;
  if (!await confirmed(el)) return undo(el);
  await act({ do: "fill", fields: [{ key, values: valuesOf(el) }], ...placeOf(el) });
});

document.addEventListener("input", (event) => {
  if (event.target.getAttribute("role") === "combobox") suggest(event.target, act);
});

// offer shows what a select has that waits for nothing to be typed.
function offer(input) {
  if (input.getAttribute?.("role") === "combobox" && input.closest("[data-external]").dataset.min === "0") suggest(input, act);
}

// Such a select offers something as soon as somebody enters it, and its list goes when it is
// left.
document.addEventListener("focusin", (event) => {
  if (!quiet) offer(event.target);
});

document.addEventListener("focusout", (event) => {
  const combo = event.target.closest?.("[data-external]");
  if (combo && !combo.contains(event.relatedTarget)) fold(combo);
});

// Pressing an option must not take the focus from its field, or its list would go
// before it is chosen.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("[role=listbox]")) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.target.getAttribute?.("role") !== "combobox") return;
  if (event.key === "ArrowDown" && event.target.getAttribute("aria-expanded") === "false") offer(event.target);
  if (steer(event.target, event.key)) event.preventDefault();
});

document.addEventListener("submit", async (event) => {
  const form = event.target, dialog = form.closest("dialog");
  if (dialog?.id === "confirm") return;
  event.preventDefault();
  if (dialog) {
    const send = form.querySelector("button.primary:last-child");
    if (!send || send.disabled) return;
    send.disabled = true;
    await act({ do: "submit", view: dialog.dataset.view, fields: entries(form) });
    send.disabled = false;
    return;
  }
  const input = document.getElementById("say"), text = input.value.trim();
  if (!text) return;
  input.value = "";
  await act({ do: "say", channel: document.body.dataset.channel, text });
});

// Escape closes a modal as its button does; the server says when it is gone.
document.addEventListener("cancel", (event) => {
  if (event.target.id !== "modal") return;
  event.preventDefault();
  act({ do: "close", view: event.target.dataset.view });
}, true);

dress(document);
for (const el of document.querySelectorAll("#log > li, #channels, #home, #messages > h1, #scroll > p.none, #scroll > section.refused, #thread")) remember(el);
document.getElementById("modal")?.showModal();
if (document.body.dataset.tab === "home") act({ do: "home" });
else toEnd();
seen();
document.addEventListener("visibilitychange", seen);
const live = document.getElementById("live");
const stream = new EventSource("/_sim/stream");
stream.onmessage = () => { if (live.textContent !== "Live") live.textContent = "Live"; refresh(); };
stream.onerror = () => { live.textContent = "Not connected, trying again…"; };
