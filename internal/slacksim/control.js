// The controls of blocks: what they hold, the question before an action, and the
// type-ahead of external selects.
"use strict";

// placeOf tells which message or view a control belongs to.
function placeOf(el) {
  const view = el.closest("[data-view]"), message = el.closest("[data-message]");
  return view ? { view: view.dataset.view } : { place: message?.dataset.place, message: message?.dataset.message };
}

// keyOf is the address of a control within its place, "" where it has none.
function keyOf(el) {
  return el.dataset.fill ?? el.closest("[data-choices]")?.dataset.choices ?? el.closest("[data-external]")?.dataset.external ?? "";
}

// valuesOf is what the control holds of which el is, or is a part.
function valuesOf(el) {
  const choices = el.closest("[data-choices]"), combo = el.closest("[data-external]");
  if (choices) return [...choices.querySelectorAll("input:checked")].map((i) => i.value);
  if (combo) return [...combo.querySelectorAll(".chips li")].map((li) => li.dataset.value);
  if (el.type === "datetime-local") return el.value ? [String(Math.floor(new Date(el.value).getTime() / 1000))] : [];
  return el.value === "" ? [] : [el.value];
}

// entries gathers all fields below an element.
function entries(root) {
  const seen = new Set(), out = [];
  for (const el of root.querySelectorAll("[data-fill], [data-choices] input, [data-external] > input")) {
    const key = keyOf(el);
    if (key && !seen.has(key)) { seen.add(key); out.push({ key, values: valuesOf(el) }); }
  }
  return out;
}

// moments shows the points in time that fields hold in the reader's own zone.
function moments(root) {
  for (const el of root.querySelectorAll("input[data-unix]")) {
    const at = Number(el.dataset.unix);
    if (!at || el.value) continue;
    const local = new Date((at - new Date(at * 1000).getTimezoneOffset() * 60) * 1000);
    el.value = local.toISOString().slice(0, 16);
  }
}

// confirmed asks the question of a control, if it has one.
function confirmed(el) {
  const asks = el.closest("[data-ask]");
  if (!asks) return Promise.resolve(true);
  const dialog = document.getElementById("confirm"), by = (id) => document.getElementById(`confirm-${id}`);
  by("title").textContent = asks.dataset.ask;
  by("text").textContent = asks.dataset.askText;
  by("yes").textContent = asks.dataset.askYes;
  by("no").textContent = asks.dataset.askNo;
  by("yes").className = `button ${asks.dataset.askStyle || "primary"}`;
  dialog.showModal();
  // Not the event "close", which comes late, perhaps when the next question is asked.
  return new Promise((resolve) => {
    const over = new AbortController();
    const answer = (yes) => { over.abort(); resolve(yes); };
    dialog.addEventListener("submit", (e) => answer(e.submitter?.value === "yes"), { signal: over.signal });
    dialog.addEventListener("cancel", () => answer(false), { signal: over.signal });
  });
}

// undo shows again what a control held when the server sent it.
function undo(el) {
  for (const o of el.options ?? []) o.selected = o.defaultSelected;
  for (const i of el.closest("[data-choices]")?.querySelectorAll("input") ?? []) i.checked = i.defaultChecked;
}

// Type-ahead. Each question is numbered, so that a late answer to an early one is
// not shown.
let asked = 0;

async function suggest(input, ask) {
  const combo = input.closest("[data-external]"), list = combo.querySelector("[role=listbox]"), mine = ++asked;
  if (input.value.length < Number(combo.dataset.min)) return fold(combo);
  const answer = await ask({ do: "suggest", key: combo.dataset.external, text: input.value, ...placeOf(combo) });
  if (mine !== asked || !combo.isConnected) return;
  const options = answer.options ?? [], items = [];
  let group = "";
  options.forEach((o, i) => {
    if (o.Group && o.Group !== group) items.push(Object.assign(document.createElement("li"), { textContent: group = o.Group, className: "group" }));
    const li = document.createElement("li");
    li.setAttribute("role", "option");
    li.setAttribute("aria-selected", "false");
    li.id = `${list.id}-${i}`;
    li.dataset.value = o.Value;
    li.dataset.text = o.Text;
    li.append(o.Text, ...(o.Description ? [Object.assign(document.createElement("small"), { textContent: ` ${o.Description}` })] : []));
    items.push(li);
  });
  if (!options.length) items.push(Object.assign(document.createElement("li"), { textContent: answer.problem ?? "No results", className: "none" }));
  list.replaceChildren(...items);
  list.hidden = false;
  input.setAttribute("aria-expanded", "true");
  input.removeAttribute("aria-activedescendant");
}

function fold(combo) {
  asked++;
  const input = combo.querySelector("input");
  combo.querySelector("[role=listbox]").hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

// pick chooses an option of the list that hangs on a combo box.
function pick(combo, option) {
  const chips = combo.querySelector(".chips"), input = combo.querySelector("input");
  if (!("multi" in combo.dataset)) chips.replaceChildren();
  if (![...chips.children].some((li) => li.dataset.value === option.dataset.value)) {
    const li = document.createElement("li"), text = document.createElement("span"), remove = document.createElement("button");
    li.dataset.value = option.dataset.value;
    text.textContent = option.dataset.text;
    remove.type = "button";
    remove.textContent = "×";
    remove.setAttribute("aria-label", `Remove ${option.dataset.text}`);
    li.append(text, " ", remove);
    chips.append(li);
  }
  input.value = "";
  fold(combo);
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// steer moves through a combo box's list by the keyboard, and tells whether the key
// was meant for it.
function steer(input, key) {
  const combo = input.closest("[data-external]"), list = combo.querySelector("[role=listbox]");
  const options = [...list.querySelectorAll("[role=option]")];
  const at = options.findIndex((o) => o.id === input.getAttribute("aria-activedescendant"));
  if (key === "Backspace" && input.value === "") {
    const last = combo.querySelector(".chips li:last-child button");
    last?.click();
    return Boolean(last);
  }
  if (list.hidden) return key === "Enter";
  switch (key) {
    case "Escape": fold(combo); return true;
    case "Enter": if (options.length) pick(combo, options[Math.max(at, 0)]); return true;
    case "ArrowDown": case "ArrowUp": {
      if (!options.length) return true;
      const next = options[(at + (key === "ArrowDown" ? 1 : options.length - (at < 0 ? 0 : 1))) % options.length];
      for (const o of options) o.setAttribute("aria-selected", String(o === next));
      input.setAttribute("aria-activedescendant", next.id);
      next.scrollIntoView({ block: "nearest" });
      return true;
    }
  }
  return false;
}
