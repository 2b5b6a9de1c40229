// Tables that sort and hide columns, fields that take dropped files, donuts that name their slices.

// The exact value of a cell: what a figure carries, else its text.
const valueOf = (row, column) => {
  const cell = row.cells[column];
  const marked = cell?.querySelector("data, time");
  const raw = cell?.dataset.sort ?? (marked ? marked.value || marked.dateTime : cell?.textContent.trim());
  const number = Number(raw);
  return raw !== "" && raw !== undefined && Number.isFinite(number) ? number : raw ?? "";
};
const compare = (a, b) => {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "number") return -1;
  if (typeof b === "number") return 1;
  return a.localeCompare(b, document.documentElement.dataset.locale, { numeric: true });
};

const sortBy = (table, heading, column) => {
  const numeric = heading.classList.contains("num");
  const before = heading.getAttribute("aria-sort");
  const order = before ? (before === "ascending" ? "descending" : "ascending") : numeric ? "descending" : "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", order);
  const turn = order === "ascending" ? 1 : -1;
  for (const body of table.tBodies) {
    const keyed = [...body.rows].map((row) => [valueOf(row, column), row]);
    // What has no value stands last in either order.
    const known = (value) => (numeric ? typeof value === "number" : value !== "");
    keyed.sort(([a], [b]) => known(b) - known(a) || turn * compare(a, b));
    body.append(...keyed.map(([, row]) => row));
  }
};

const showColumn = (table, column, visible) => {
  for (const row of table.rows) {
    if (row.cells[column]) row.cells[column].hidden = !visible;
  }
};

const narrow = matchMedia("(max-width: 40rem)").matches;

const columnPicker = (table, place) => {
  const memory = `bursar.columns.${table.id}`;
  const stored = JSON.parse(localStorage.getItem(memory) ?? "{}");
  const headings = [...table.tHead.rows[0].cells];
  const panel = document.createElement("div");
  headings.forEach((heading, column) => {
    if (!("optional" in heading.dataset)) return;
    const key = heading.dataset.key;
    const isLeftOut = "hidden" in heading.dataset || (narrow && "wide" in heading.dataset);
    const visible = stored[key] ?? !isLeftOut;
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: visible });
    const label = document.createElement("label");
    label.append(box, heading.textContent.trim());
    panel.append(label);
    showColumn(table, column, visible);
    box.addEventListener("change", () => {
      stored[key] = box.checked;
      localStorage.setItem(memory, JSON.stringify(stored));
      showColumn(table, column, box.checked);
    });
  });
  if (!panel.childElementCount) return;
  const details = Object.assign(document.createElement("details"), { className: "columns" });
  const summary = Object.assign(document.createElement("summary"), { className: "tool", textContent: "Columns" });
  details.append(summary, panel);
  place.append(details);
};

for (const table of document.querySelectorAll("table[data-table]")) {
  const place = document.querySelector(`[data-columns-for="${CSS.escape(table.id)}"]`);
  if (place) columnPicker(table, place);
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    if (!heading.textContent.trim()) return;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "sort" });
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => sortBy(table, heading, column));
  });
}

for (const drop of document.querySelectorAll("[data-drop]")) {
  const input = drop.querySelector("input[type=file]");
  const mark = (over) => (event) => {
    event.preventDefault();
    drop.classList.toggle("over", over);
  };
  drop.addEventListener("dragover", mark(true));
  drop.addEventListener("dragleave", mark(false));
  drop.addEventListener("drop", (event) => {
    mark(false)(event);
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// Pointing at a slice or at its row lights both and names the slice in the middle.
for (const chart of document.querySelectorAll(".donut-chart")) {
  const centre = chart.querySelector("[data-centre]");
  if (!centre) continue;
  const resting = [...centre.childNodes];
  const light = (index) => {
    chart.classList.toggle("lit", index !== undefined);
    for (const part of chart.querySelectorAll("[data-slice]")) {
      part.classList.toggle("on", part.dataset.slice === index);
    }
    const row = index !== undefined && chart.querySelector(`tr[data-slice="${index}"]`);
    if (!row) return centre.replaceChildren(...resting);
    const share = document.createElement("strong");
    share.textContent = row.cells[1].textContent;
    const label = Object.assign(document.createElement("span"), { className: "donut-label" });
    label.textContent = row.cells[0].textContent.trim();
    centre.replaceChildren(share, label);
  };
  const slice = (event) => event.target.closest("[data-slice]")?.dataset.slice;
  chart.addEventListener("pointerover", (event) => light(slice(event)));
  chart.addEventListener("pointerleave", () => light());
  chart.addEventListener("focusin", (event) => light(slice(event)));
  chart.addEventListener("focusout", () => light());
}

// A form for things of several types shows the fields of the chosen type alone.
for (const choice of document.querySelectorAll("[data-kind-choice] select")) {
  const show = () => {
    for (const part of choice.form.querySelectorAll("[data-kinds]")) {
      part.hidden = !part.dataset.kinds.split(" ").includes(choice.value);
    }
  };
  choice.addEventListener("change", show);
  show();
}
