// Draws the time charts with ECharts over what the server has drawn: values under the pointer or the
// arrow keys, in the person's locale and in the colours of the page.
/* global echarts */
const root = document.documentElement;
const locale = root.dataset.locale || "en-US";
// Signs in numbers and the order of days can differ from the language.
const numerals = root.dataset.numerals || locale;
const datePattern = root.dataset.dates;
const still = "still" in root.dataset ? { matches: true } : matchMedia("(prefers-reduced-motion: reduce)");
const narrow = matchMedia("(max-width: 40rem)");
const DOTS = "•••••";

// Custom properties hold light-dark(); only a rendered colour is resolved.
const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);
const colour = (name, alpha) => {
  probe.style.color = alpha === undefined
    ? `var(--${name})`
    : `color-mix(in srgb, var(--${name}) ${alpha * 100}%, transparent)`;
  return getComputedStyle(probe).color;
};

const day = datePattern
  ? { format: (date) => datePattern
      .replace("YYYY", String(date.getUTCFullYear()))
      .replace("MM", String(date.getUTCMonth() + 1).padStart(2, "0"))
      .replace("DD", String(date.getUTCDate()).padStart(2, "0")) }
  : new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
const month = new Intl.DateTimeFormat(locale, { month: "short", year: "numeric", timeZone: "UTC" });
const year = new Intl.DateTimeFormat(locale, { year: "numeric", timeZone: "UTC" });
const shortDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });
const dated = (text) => new Date(`${text}T00:00:00Z`);

// The currencies that the server writes with a symbol.
const SYMBOLS = ["USD", "EUR", "GBP", "JPY", "INR", "KRW"];
const minus = (text) => text.replace("-", "\u2212");
const moneyFormat = (data) => {
  const digits = { minimumFractionDigits: data.digits, maximumFractionDigits: data.kind === "price" ? 6 : data.digits };
  const currencyDisplay = SYMBOLS.includes(data.currency) ? "narrowSymbol" : "code";
  const code = { style: "currency", currency: data.currency, currencyDisplay, useGrouping: "always", ...digits };
  const plain = new Intl.NumberFormat(numerals, { ...digits, useGrouping: "always" });
  let format;
  try {
    format = new Intl.NumberFormat(locale, code);
  } catch {
    // Intl takes codes of three letters only.
    return (value) => minus(`${data.currency}\u00a0${plain.format(value)}`);
  }
  if (numerals === locale) return (value) => minus(format.format(value));
  // The currency stands where the language puts it, around the number as it was chosen.
  const isNumber = (part) => ["integer", "group", "decimal", "fraction"].includes(part.type);
  return (value) => {
    const parts = format.formatToParts(value);
    const first = parts.findIndex(isNumber);
    const text = parts.map((part, at) => at === first ? plain.format(Math.abs(value)) : isNumber(part) ? "" : part.value);
    return minus(text.join(""));
  };
};

const SIGNS = {
  buy: { symbol: "triangle", colour: "gain", offset: 14, turn: 0, word: "Buy" },
  sell: { symbol: "triangle", colour: "loss", offset: -14, turn: 180, word: "Sell" },
  dividend: { symbol: "circle", colour: "accent", offset: 0, turn: 0, word: "Dividend" },
  split: { symbol: "diamond", colour: "warn", offset: 0, turn: 0, word: "Split" },
};
const STYLES = {
  value: { colour: "line-value", type: "solid", width: 2 },
  invested: { colour: "line-invested", type: [5, 4], width: 1.5 },
  benchmark: { colour: "line-benchmark", type: [1, 4], width: 2.5 },
};

const escape = (text) => {
  const span = document.createElement("span");
  span.textContent = text;
  return span.innerHTML;
};

class TimeChart {
  constructor(figure) {
    this.figure = figure;
    this.data = JSON.parse(figure.dataset.chart);
    this.money = moneyFormat(this.data);
    this.canvas = document.createElement("div");
    this.canvas.className = "chart-canvas";
    figure.querySelector(".plot").after(this.canvas);
    figure.classList.add("drawn");
    this.chart = echarts.init(this.canvas, null, { renderer: "canvas" });
    this.index = this.data.dates.length - 1;
    this.draw();
    this.listen();
  }

  get isPrivate() {
    return this.data.kind === "value" && root.classList.contains("private");
  }

  shown(value) {
    if (value === null || value === undefined) return "—";
    return this.isPrivate ? DOTS : this.money(value);
  }

  readings(index) {
    return this.data.lines.map((line) => [line, this.shown(line.data[index])]);
  }

  marksAt(index) {
    return (this.data.marks ?? []).filter((mark) => mark.index === index);
  }

  tooltip(index) {
    const rows = this.readings(index).map(([line, value]) =>
      `<span><i class="key line-${line.key}"></i>${escape(line.name)}</span><span>${escape(value)}</span>`);
    const marks = this.marksAt(index).map((mark) =>
      `<span class="mark-line mark-${mark.kind}">${SIGNS[mark.kind].word} ${escape(mark.label)}</span>`);
    const date = day.format(dated(this.data.dates[index]));
    return `<div class="chart-tip"><b>${escape(date)}</b>${rows.join("")}${marks.join("")}</div>`;
  }

  // Marks of the time axis stand where a year, quarter, month or week begins, the finest that fits.
  timeMarks() {
    const { dates } = this.data;
    const most = narrow.matches ? 4 : 9;
    const week = (text) => Math.floor((dated(text) / 86_400_000 + 3) / 7);
    const grains = [
      [(text) => text, shortDay],
      [week, shortDay],
      [(text) => text.slice(0, 7), month],
      [(text) => `${text.slice(0, 4)}-${Math.floor((Number(text.slice(5, 7)) - 1) / 3)}`, month],
      [(text) => text.slice(0, 4), year],
    ];
    // A few days of different years are all named in full.
    if (dates.length <= most / 2 && dates[0].slice(0, 4) !== dates.at(-1).slice(0, 4)) {
      return { at: new Set(dates.keys()), format: day };
    }
    let at = [];
    for (const [begins, format] of grains) {
      at = [];
      dates.forEach((text, index) => {
        if (index > 0 && begins(text) !== begins(dates[index - 1])) at.push(index);
      });
      if (at.length && at.length <= most) return { at: new Set(at), format };
    }
    // More years than there is room for: every second, every third.
    const step = Math.ceil(at.length / most);
    return { at: new Set(at.filter((_, turn) => turn % step === 0)), format: year };
  }

  axisValue(value) {
    if (this.isPrivate) return "";
    return minus(new Intl.NumberFormat(numerals, { maximumSignificantDigits: 6, useGrouping: "always" }).format(value));
  }

  series() {
    const lines = this.data.lines.map((line) => {
      const style = STYLES[line.key];
      const main = line.key === "value";
      if (main && this.data.type === "bar") {
        return { type: "bar", name: line.name, data: line.data, large: true, barMaxWidth: 12, z: 3,
          itemStyle: { color: colour(style.colour, 0.75) }, emphasis: { disabled: true } };
      }
      return {
        type: "line",
        name: line.name,
        data: line.data,
        showSymbol: this.data.dates.length === 1,
        symbol: "circle",
        symbolSize: 7,
        step: line.key === "invested" ? "end" : false,
        lineStyle: { width: style.width, type: style.type, color: colour(style.colour) },
        itemStyle: { color: colour(style.colour), borderColor: colour("surface"), borderWidth: 1.5 },
        emphasis: { disabled: true },
        areaStyle: main && this.data.type === "area" ? { origin: "start", color: this.wash(style.colour) } : undefined,
        z: main ? 3 : 2,
      };
    });
    const marks = (this.data.marks ?? []).filter((mark) => this.data.lines[0].data[mark.index] !== null);
    return marks.length ? [...lines, this.markSeries(marks)] : lines;
  }

  markSeries(marks) {
    const points = marks.map((mark) => {
      const sign = SIGNS[mark.kind];
      return {
        value: [mark.index, this.data.lines[0].data[mark.index]],
        symbol: sign.symbol,
        symbolRotate: sign.turn,
        symbolOffset: [0, sign.offset],
        itemStyle: { color: colour(sign.colour), borderColor: colour("surface"), borderWidth: 1.5, opacity: 1 },
      };
    });
    return { type: "scatter", data: points, symbolSize: marks.length > 40 ? 8 : 12, z: 5, silent: true, tooltip: { show: false } };
  }

  wash(name) {
    return new echarts.graphic.LinearGradient(0, 0, 0, 1, [
      { offset: 0, color: colour(name, 0.16) },
      { offset: 1, color: colour(name, 0.01) },
    ]);
  }

  draw() {
    const text = { color: colour("muted"), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 };
    const marks = this.timeMarks();
    this.chart.setOption({
      animation: !still.matches,
      animationDuration: 350,
      textStyle: text,
      grid: { left: 4, right: 8, top: 12, bottom: 4, containLabel: true },
      xAxis: {
        type: "category",
        data: this.data.dates,
        boundaryGap: this.data.type === "bar",
        axisLine: { lineStyle: { color: colour("line") } },
        axisTick: { show: false },
        axisLabel: { ...text, hideOverlap: true, margin: 10, alignMinLabel: "left", alignMaxLabel: "right",
          formatter: (value) => marks.format.format(dated(value)), interval: (index) => marks.at.has(index) },
        axisPointer: { lineStyle: { color: colour("control"), type: "solid" } },
      },
      yAxis: {
        type: "value",
        scale: true,
        position: "right",
        splitNumber: 4,
        axisLabel: { ...text, formatter: (value) => this.axisValue(value) },
        splitLine: { lineStyle: { color: colour("line") } },
      },
      tooltip: {
        trigger: "axis",
        confine: true,
        transitionDuration: 0,
        backgroundColor: colour("surface"),
        borderColor: colour("line"),
        textStyle: { ...text, color: colour("ink"), fontSize: 13 },
        extraCssText: "box-shadow: 0 8px 24px var(--shadow); border-radius: 6px",
        formatter: (points) => this.tooltip([points].flat()[0].dataIndex),
      },
      series: this.series(),
    }, true);
  }

  // To the keyboard the chart is a slider over its days, read out in full.
  listen() {
    const { canvas, chart } = this;
    const set = (name, value) => canvas.setAttribute(name, value);
    canvas.tabIndex = 0;
    set("role", "slider");
    set("aria-label", this.figure.getAttribute("aria-label"));
    set("aria-valuemin", "0");
    set("aria-valuemax", String(this.data.dates.length - 1));
    const read = () => {
      const values = this.readings(this.index).map(([line, value]) => `${line.name} ${value}`);
      const marks = this.marksAt(this.index).map((mark) => `${SIGNS[mark.kind].word} ${mark.label}`);
      set("aria-valuenow", String(this.index));
      set("aria-valuetext", [day.format(dated(this.data.dates[this.index])), ...values, ...marks].join(", "));
    };
    const point = () => {
      read();
      chart.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: this.index });
    };
    read();
    const far = Math.max(1, Math.round(this.data.dates.length / 20));
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -far, PageUp: far,
      Home: -Infinity, End: Infinity };
    canvas.addEventListener("keydown", (event) => {
      if (event.key === "Escape") return chart.dispatchAction({ type: "hideTip" });
      if (!(event.key in steps)) return;
      event.preventDefault();
      this.index = Math.min(Math.max(this.index + steps[event.key], 0), this.data.dates.length - 1);
      point();
    });
    canvas.addEventListener("focus", () => canvas.matches(":focus-visible") && point());
    canvas.addEventListener("blur", () => {
      chart.dispatchAction({ type: "hideTip" });
      chart.dispatchAction({ type: "updateAxisPointer", currTrigger: "leave" });
    });
    new ResizeObserver(() => chart.resize()).observe(canvas);
    root.addEventListener("bursar:look", () => {
      this.draw();
      read();
    });
  }
}

for (const figure of document.querySelectorAll("figure[data-chart]")) new TimeChart(figure);
