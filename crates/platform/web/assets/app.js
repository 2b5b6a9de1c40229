// The frame: hiding amounts, colours, shortcuts, the palette. Every page works without this file.
const root = document.documentElement;
root.classList.add("js");

const announce = () => root.dispatchEvent(new Event("bursar:look"));
const byData = (name) => document.querySelector(`[data-${name}]`);

// Sends a form behind the page; the answer is a redirect that nobody needs to follow.
const send = (form, submitter) =>
  fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form, submitter)),
    redirect: "manual",
  }).catch(() => form.submit());

// On a narrow screen the current one of many views may stand outside of its row.
for (const current of document.querySelectorAll(".tabs [aria-current]")) {
  const row = current.parentElement;
  row.scrollLeft = current.offsetLeft - row.offsetLeft - 16;
}

const privacy = byData("privacy");
const togglePrivacy = () => {
  if (!privacy) return;
  const hidden = root.classList.toggle("private");
  const button = privacy.querySelector("button");
  const label = hidden ? "Show amounts" : "Hide amounts";
  button.setAttribute("aria-pressed", String(hidden));
  button.setAttribute("aria-label", label);
  button.title = `${label} (p)`;
  announce();
  send(privacy);
};
privacy?.addEventListener("submit", (event) => {
  event.preventDefault();
  togglePrivacy();
});

const themes = byData("theme-choice");
themes?.addEventListener("submit", (event) => {
  event.preventDefault();
  const chosen = event.submitter;
  if (chosen.value === "system") delete root.dataset.theme;
  else root.dataset.theme = chosen.value;
  for (const button of themes.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button === chosen));
  }
  announce();
  send(themes, chosen);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", announce);

// Open panels close when one clicks elsewhere or presses Escape.
const panels = "details[data-menu], details.definition, details.columns";
document.addEventListener("click", (event) => {
  for (const panel of document.querySelectorAll(panels)) {
    if (panel.open && !panel.contains(event.target)) panel.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const panel of document.querySelectorAll(panels)) {
    if (!panel.open) continue;
    panel.open = false;
    panel.querySelector("summary").focus();
  }
});

const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

// Shortcuts
const places = new Map(
  [...document.querySelectorAll(".main-nav a[data-go]")].map((link) => [link.dataset.go, link]),
);
const SINGLE_KEYS = "bursar.single-keys";
const singleKeys = () => localStorage.getItem(SINGLE_KEYS) !== "off";

let shortcuts;
const showShortcuts = () => {
  if (!shortcuts) {
    const rows = [
      ["Ctrl K", "Go anywhere"],
      ["/", "Search instruments"],
      ["p", "Hide or show amounts"],
      ...[...places].map(([key, link]) => [`g ${key}`, link.textContent.trim()]),
      ["?", "This list"],
    ];
    const list = element("dl", { className: "shortcut-list" });
    for (const [keys, meaning] of rows) {
      const term = element("dt");
      for (const key of keys.split(" ")) term.append(element("kbd", { textContent: key }), " ");
      list.append(term, element("dd", { textContent: meaning }));
    }
    const box = element("input", { type: "checkbox", id: "single-keys", checked: singleKeys() });
    box.addEventListener("change", () => localStorage.setItem(SINGLE_KEYS, box.checked ? "on" : "off"));
    const choice = element("div", { className: "field checkbox" }, box,
      element("label", { htmlFor: "single-keys", textContent: "Single keys act (Ctrl K always does)" }));
    const close = element("button", { className: "button quiet", textContent: "Close" });
    const title = element("h2", { id: "shortcuts-title", textContent: "Shortcuts" });
    shortcuts = element("dialog", {},
      element("div", { className: "dialog-body stack" }, title, list, choice, close));
    shortcuts.setAttribute("aria-labelledby", "shortcuts-title");
    close.addEventListener("click", () => shortcuts.close());
    document.body.append(shortcuts);
  }
  shortcuts.showModal();
};
byData("shortcuts")?.addEventListener("click", showShortcuts);

let goUntil = 0;
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    showPalette();
    return;
  }
  const typing = event.target.closest?.("input, select, textarea, dialog, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !singleKeys()) return;
  const place = Date.now() < goUntil && places.get(event.key);
  goUntil = 0;
  if (place) place.click();
  else if (event.key === "g") goUntil = Date.now() + 1200;
  else if (event.key === "p") togglePrivacy();
  else if (event.key === "?") showShortcuts();
  else if (event.key === "/") document.getElementById("search")?.focus();
  else return;
  event.preventDefault();
});

// The palette: entries of the navigation at once, instruments as they are found.
let palette;
const showPalette = () => {
  palette ??= makePalette();
  palette.open();
};

const makePalette = () => {
  const search = document.querySelector("form.search");
  const input = element("input", { type: "text", placeholder: "Go to a page or an instrument" });
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list",
    "aria-autocomplete": "list", "aria-label": "Go to", autocomplete: "off", spellcheck: "false",
  })) input.setAttribute(name, value);
  const list = element("ul", { id: "palette-list" });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Places");
  const hint = element("p", { className: "hint", textContent: "↑ ↓ to choose, Enter to go, Esc to close" });
  const dialog = element("dialog", { className: "palette" }, input, list, hint);
  dialog.setAttribute("aria-label", "Go to");
  document.body.append(dialog);

  const links = [...document.querySelectorAll(".main-nav a, .menu-panel a")].map((link) => ({
    label: link.textContent.trim(), note: "Page", act: () => link.click(),
  }));
  const actions = [
    { label: "Hide or show amounts", note: "Action", act: togglePrivacy },
    { label: "Shortcuts", note: "Help", act: showShortcuts },
  ];
  let entries = [];
  let chosen = 0;
  let asked = 0;

  const choose = (index) => {
    chosen = Math.max(0, Math.min(index, entries.length - 1));
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
    const item = list.children[chosen];
    if (item) {
      input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const go = () => {
    const entry = entries[chosen];
    if (!entry) return;
    dialog.close();
    entry.act();
  };
  const draw = (found) => {
    const wanted = input.value.trim().toLowerCase();
    const fits = (entry) => entry.label.toLowerCase().includes(wanted);
    entries = [...links, ...actions].filter(fits).concat(found);
    list.replaceChildren(...entries.map((entry, index) => {
      const item = element("li", { id: `palette-${index}` },
        element("span", { textContent: entry.label }), element("small", { textContent: entry.note }));
      item.setAttribute("role", "option");
      item.addEventListener("pointermove", () => choose(index));
      item.addEventListener("click", go);
      return item;
    }));
    choose(0);
  };
  const look = async () => {
    const wanted = input.value.trim();
    const turn = ++asked;
    draw([]);
    if (!wanted || !search) return;
    await new Promise((resolve) => setTimeout(resolve, 150));
    if (turn !== asked) return;
    const answer = await fetch(`${search.dataset.api}?limit=8&q=${encodeURIComponent(wanted)}`)
      .catch(() => null);
    if (turn !== asked || !answer?.ok) return;
    const found = await answer.json();
    draw(found.map((item) => ({
      label: `${item.symbol}  ${item.name}`,
      note: item.exchange,
      act: () => location.assign(`${search.getAttribute("action")}/${encodeURIComponent(item.id)}`),
    })));
  };
  input.addEventListener("input", look);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter") go();
    else return;
    event.preventDefault();
  });
  return {
    open() {
      if (dialog.open) return;
      input.value = "";
      draw([]);
      dialog.showModal();
      input.focus();
    },
  };
};

// How a figure came about opens beside the page; without this its link leads there.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a.figure");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  try {
    const answer = await fetch(link.href);
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const trail = page.querySelector("[data-trail]");
    const drawer = document.createElement("dialog");
    drawer.className = "drawer";
    drawer.setAttribute("aria-label", page.querySelector("h1").textContent);
    const close = document.createElement("form");
    close.method = "dialog";
    const button = document.createElement("button");
    button.textContent = "Close";
    close.append(button);
    drawer.append(close, page.querySelector("h1"), trail);
    drawer.addEventListener("close", () => drawer.remove());
    document.body.append(drawer);
    drawer.showModal();
  } catch {
    location.assign(link.href);
  }
});

// What is under way shows how far it is: its part of the page is fetched anew until it is done.
const anew = () => fetch(location.href, { headers: { "X-Bursar-Refresh": "1" } }).catch(() => null);
const poll = async () => {
  const part = byData("poll");
  if (!part) return;
  const answer = await anew();
  if (answer?.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-poll]");
    // It is over: the whole page looks different now.
    if (!fresh) return location.reload();
    for (const [at, field] of [...part.querySelectorAll("[data-live]")].entries()) {
      const next = fresh.querySelectorAll("[data-live]")[at];
      if (next) field.replaceWith(next.cloneNode(true));
    }
  }
  setTimeout(poll, 1000);
};
setTimeout(poll, 1000);

// What the market moves is looked at anew as often as the person wants; the page is loaded again only
// when its words differ, and never while somebody types, reads a panel or looks elsewhere.
const market = byData("refresh");
if (market) {
  // What follows the market by itself does not count.
  const words = (part) => {
    const copy = part.cloneNode(true);
    for (const live of copy.querySelectorAll("[data-quote], [data-live-state], [data-reading]")) live.remove();
    return copy.textContent.replace(/\s+/g, " ");
  };
  const shown = words(market);
  const busy = () => document.hidden || document.querySelector("dialog[open], main details[open]")
    || document.activeElement?.matches("input, select, textarea");
  const look = async () => {
    const answer = busy() ? null : await anew();
    if (answer?.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-refresh]");
      if (fresh && words(fresh) !== shown && !busy()) return location.reload();
    }
    setTimeout(look, Number(market.dataset.refresh) * 1000);
  };
  setTimeout(look, Number(market.dataset.refresh) * 1000);
}
