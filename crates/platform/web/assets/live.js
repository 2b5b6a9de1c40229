// Keeps the prices of a page up with the market by server-sent events. The page is complete without this; with
// it only digits change, in places that are wide enough for them. Nothing is open while nobody looks.
const root = document.documentElement;
const locale = root.dataset.locale || "en-US";
const numerals = root.dataset.numerals || locale;
const still = "still" in root.dataset ? { matches: true } : matchMedia("(prefers-reduced-motion: reduce)");

const MOST = 200;
// Without a connection for so long, what is shown counts as old.
const STALE_MS = 20_000;
// A refused stream is asked for again after this, and then ever later.
const RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 120_000;

const places = new Map();
for (const place of document.querySelectorAll("[data-quote]")) {
  const id = place.dataset.quote;
  if (!places.has(id)) places.set(id, []);
  places.get(id).push(place);
}
const states = document.querySelectorAll("[data-live-state]");

const STATES = {
  live: ["Live", "Prices follow the market."],
  reconnecting: ["Reconnecting", "The connection was lost; prices are those of a moment ago."],
  stale: ["Not live", "There has been no connection for a while; prices may be old."],
};
const show = (state) => {
  const [word, meaning] = STATES[state];
  for (const place of states) {
    if (place.dataset.liveState === state) continue;
    place.dataset.liveState = state;
    place.textContent = word;
    place.title = meaning;
  }
};

const minus = (text) => text.replace("-", "\u2212");
const SYMBOLS = ["USD", "EUR", "GBP", "JPY", "INR", "KRW"];
const formats = new Map();
// The digits of the page stay, so that the width does.
const decimalSign = new Intl.NumberFormat(numerals).formatToParts(1.5).find((part) => part.type === "decimal").value;
const digitsOf = (text) => {
  const at = text.lastIndexOf(decimalSign);
  return at < 0 ? 0 : text.slice(at + 1).replace(/\D/g, "").length;
};

const money = (currency, digits) => {
  const key = `${currency} ${digits}`;
  if (!formats.has(key)) {
    const fixed = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: "always" };
    const plain = new Intl.NumberFormat(numerals, fixed);
    let format = (value) => plain.format(value);
    if (currency) {
      const currencyDisplay = SYMBOLS.includes(currency) ? "narrowSymbol" : "code";
      try {
        const whole = new Intl.NumberFormat(locale, { style: "currency", currency, currencyDisplay, ...fixed });
        const isNumber = (part) => ["integer", "group", "decimal", "fraction"].includes(part.type);
        format = (value) => {
          const parts = whole.formatToParts(value);
          const first = parts.findIndex(isNumber);
          return parts.map((part, at) =>
            at === first ? plain.format(Math.abs(value)) : isNumber(part) ? "" : part.value).join("");
        };
      } catch {
        // Intl takes codes of three letters only.
        format = (value) => `${currency}\u00a0${plain.format(value)}`;
      }
    }
    formats.set(key, (value) => minus(format(value)));
  }
  return formats.get(key);
};
const percents = new Intl.NumberFormat(locale, {
  style: "percent", minimumFractionDigits: 2, maximumFractionDigits: 2,
});

const element = (tag, properties, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

// The same markup as the server's, so that the same styles hold.
const percent = (ratio) => {
  const text = minus(percents.format(ratio));
  const way = /[1-9]/.test(text) ? (ratio < 0 ? "loss" : "gain") : "flat";
  const made = element("data", { className: `percent signed ${way}`, value: String(ratio) });
  if (way !== "flat") {
    const arrow = element("span", { className: "arrow", textContent: way === "gain" ? "▲" : "▼" });
    arrow.setAttribute("aria-hidden", "true");
    made.append(arrow, element("span", { className: "visually-hidden", textContent: `${way} ` }));
  }
  made.append(element("span", { textContent: (way === "gain" ? "+" : "") + text }));
  return made;
};

const price = (place, quote, value) => {
  const figure = place.querySelector("data");
  const digits = figure ? digitsOf(figure.textContent) : 2;
  // A figure without a unit, such as the points of an index, stays without.
  const currency = figure && !figure.classList.contains("price") ? undefined : quote.currency;
  const text = money(currency, digits)(quote.quote_unit === "minor" ? value / 100 : value);
  return element("data", { className: figure?.className ?? "price", value: String(quote.quote_unit === "minor" ? value / 100 : value), textContent: text });
};

const when = new Intl.DateTimeFormat(locale, { timeStyle: "medium", hour12: false });
const FIELDS = {
  price: (place, quote) => price(place, quote, quote.price),
  change: (place, quote) => quote.change === undefined ? null : price(place, quote, quote.change),
  percent: (_, quote) => quote.change_percent === undefined ? null : percent(quote.change_percent / 100),
  at: (_, quote) => {
    const made = element("time", { textContent: when.format(new Date(quote.at)) });
    made.dateTime = quote.at;
    return made;
  },
};

const flash = (place, rose) => {
  if (still.matches) return;
  place.classList.remove("rose", "fell");
  // Read so that the animation begins anew.
  void place.offsetWidth;
  place.classList.add(rose ? "rose" : "fell");
};

const take = (quote) => {
  for (const place of places.get(quote.instrument_id) ?? []) {
    const made = FIELDS[place.dataset.quoteField]?.(place, quote);
    if (!made || made.textContent === place.textContent.trim()) continue;
    const before = Number(place.querySelector("data")?.value);
    // What was narrower before stays as wide as it was.
    place.style.minWidth = `${place.getBoundingClientRect().width}px`;
    place.replaceChildren(made);
    if (place.dataset.quoteField === "price" && before > 0) flash(place, Number(place.querySelector("data").value) >= before);
  }
};

let source;
let stale;
let again;
let wait = RETRY_MS;
let last;

const close = () => {
  clearTimeout(again);
  clearTimeout(stale);
  stale = undefined;
  source?.close();
  source = undefined;
};
const lost = () => {
  if (states[0]?.dataset.liveState !== "stale") show("reconnecting");
  stale ??= setTimeout(() => show("stale"), STALE_MS);
};
const open = () => {
  close();
  const ids = [...places.keys()].slice(0, MOST).join(",");
  source = new EventSource(`/api/v1/market/live?symbols=${encodeURIComponent(ids)}`);
  source.addEventListener("subscribed", () => {
    clearTimeout(stale);
    stale = undefined;
    wait = RETRY_MS;
    show("live");
  });
  source.addEventListener("quote", (event) => {
    // The same again after a reconnection is no news.
    if (event.lastEventId === last) return;
    last = event.lastEventId;
    take(JSON.parse(event.data));
  });
  source.addEventListener("error", () => {
    lost();
    // The browser comes back by itself, unless it was refused.
    if (source?.readyState !== EventSource.CLOSED) return;
    clearTimeout(again);
    again = setTimeout(open, wait);
    wait = Math.min(wait * 2, LONGEST_RETRY_MS);
  });
};

const look = () => (document.hidden ? close() : open());
if (places.size) {
  document.addEventListener("visibilitychange", look);
  // A page that waits in the back/forward cache holds no connection; one that is left neither.
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && look());
  if (!document.hidden) open();
}
