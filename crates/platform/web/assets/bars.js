// Reads out one bar of a chart of bars: the one under the pointer or the arrow keys. The drawing stays the
// server's, so nothing moves.
const element = (tag, className) => Object.assign(document.createElement(tag), { className });

class Bars {
  constructor(figure) {
    Object.assign(this, JSON.parse(figure.dataset.readings));
    this.figure = figure;
    this.frame = figure.querySelector("[data-frame]");
    this.at = figure.querySelector("[data-reading-at]");
    this.values = [...figure.querySelectorAll(".reading-value")];
    this.events = figure.querySelector("[data-reading-marks]");
    this.hair = element("span", "crosshair");
    this.hair.hidden = true;
    this.frame.append(this.hair);
    this.index = this.labels.length - 1;
    this.listen();
    this.read(this.index);
  }

  marksAt(index) {
    return this.marks.filter(([at]) => at === index).map(([, text]) => text);
  }

  read(index) {
    const row = this.rows[index];
    this.at.textContent = this.labels[index];
    this.values.forEach((place, at) => { place.textContent = row[at]; });
    this.events.replaceChildren(...this.marksAt(index).map((text) =>
      Object.assign(document.createElement("span"), { textContent: text })));
    this.frame.setAttribute("aria-valuenow", String(index));
    this.frame.setAttribute("aria-valuetext", [this.labels[index],
      ...this.names.map((name, at) => `${name} ${row[at]}`), ...this.marksAt(index)].join(", "));
  }

  // The drawings end before the numbers of their axis.
  get width() {
    return this.frame.querySelector("svg").getBoundingClientRect().width;
  }

  point(index) {
    this.index = Math.min(Math.max(index, 0), this.labels.length - 1);
    this.hair.style.left = `${((this.index + 0.5) / this.labels.length) * this.width}px`;
    this.hair.hidden = false;
    this.read(this.index);
  }

  leave() {
    this.hair.hidden = true;
    this.index = this.labels.length - 1;
    this.read(this.index);
  }

  listen() {
    const { frame } = this;
    frame.tabIndex = 0;
    frame.setAttribute("role", "slider");
    frame.setAttribute("aria-label", this.figure.getAttribute("aria-label"));
    frame.setAttribute("aria-valuemin", "0");
    frame.setAttribute("aria-valuemax", String(this.labels.length - 1));
    frame.addEventListener("pointermove", (event) => {
      const x = event.clientX - frame.getBoundingClientRect().left;
      this.point(Math.floor((x / this.width) * this.labels.length));
    });
    frame.addEventListener("pointerleave", () => this.leave());
    frame.addEventListener("focus", () => frame.matches(":focus-visible") && this.point(this.index));
    frame.addEventListener("blur", () => this.leave());
    const far = Math.max(1, Math.round(this.labels.length / 20));
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -far, PageUp: far,
      Home: -Infinity, End: Infinity };
    frame.addEventListener("keydown", (event) => {
      if (event.key === "Escape") return this.leave();
      if (!(event.key in steps)) return;
      event.preventDefault();
      this.point(this.index + steps[event.key]);
    });
  }
}

for (const figure of document.querySelectorAll("figure[data-readings]")) new Bars(figure);
