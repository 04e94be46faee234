// Shows the values of a chart where one points, and brings a series forward. Without it the page is complete.
(() => {
  "use strict";
  const make = (name, text, parent) => {
    const element = document.createElement(name);
    if (text !== null) element.textContent = text;
    if (parent) parent.append(element);
    return element;
  };
  const show = (value) => (value === null || value === undefined ? "–" : String(value).replace("-", "−"));
  const axis = (text) => {
    const [low, high, scale] = text.split(" ");
    return { low: Number(low), high: Number(high), log: scale === "log" };
  };
  // The index of the last x at or before the value, or of the nearest one.
  const find = (xs, value, step) => {
    let best = -1;
    for (let index = 0; index < xs.length; index += 1) {
      if (step ? xs[index] <= value : best < 0 || Math.abs(xs[index] - value) < Math.abs(xs[best] - value)) best = index;
    }
    return best;
  };

  for (const figure of document.querySelectorAll("figure.chart")) {
    const tip = make("div", null, figure);
    tip.className = "tip";
    tip.hidden = true;
    const data = figure.dataset.hover ? JSON.parse(figure.dataset.hover) : null;
    const several = new Set(Array.from(figure.querySelectorAll("[data-s]"), (part) => part.dataset.s)).size > 1;

    const forward = (index) => {
      figure.classList.toggle("pointed", index !== null && several);
      for (const part of figure.querySelectorAll("[data-s]")) part.classList.toggle("on", part.dataset.s === index);
    };
    const place = (x, y) => {
      tip.hidden = false;
      const room = figure.clientWidth - tip.offsetWidth - 4;
      const left = x < figure.clientWidth / 2 ? x + 16 : x - tip.offsetWidth - 16;
      tip.style.left = `${Math.max(4, Math.min(room, left))}px`;
      tip.style.top = `${Math.max(0, y)}px`;
    };
    const leave = () => {
      tip.hidden = true;
      forward(null);
      for (const mark of figure.querySelectorAll(".crosshair, .marker")) mark.remove();
    };

    for (const svg of figure.querySelectorAll("svg")) {
      // A title of its own would appear over the values.
      for (const title of svg.querySelectorAll("[data-s] > title")) {
        title.parentNode.dataset.title = title.textContent;
        title.remove();
      }
      const pixels = (event) => {
        const box = svg.getBoundingClientRect();
        const scale = svg.viewBox.baseVal.width / box.width;
        return { box, scale, x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
      };

      if (!data) {
        svg.addEventListener("pointermove", (event) => {
          const row = event.target.closest("[data-s]");
          if (!row) return leave();
          forward(row.dataset.s);
          tip.textContent = row.dataset.title;
          const outside = figure.getBoundingClientRect();
          place(event.clientX - outside.left, row.getBoundingClientRect().bottom - outside.top + 4);
        });
        svg.addEventListener("pointerleave", leave);
        continue;
      }
      if (!svg.dataset.plot) continue;
      const [left, top, width, height] = svg.dataset.plot.split(" ").map(Number);
      const [across, up] = [axis(svg.dataset.x), axis(svg.dataset.y)];
      const value = (x) => {
        const at = across.low + ((x - left) / width) * (across.high - across.low);
        return across.log ? 10 ** at : at;
      };
      const along = (x) => left + (((across.log ? Math.log10(x) : x) - across.low) / (across.high - across.low)) * width;
      const upward = (y) => top + (1 - ((up.log ? Math.log10(y) : y) - up.low) / (up.high - up.low)) * height;
      const draw = (name, attributes) => {
        const element = document.createElementNS(svg.namespaceURI, name);
        for (const [key, text] of Object.entries(attributes)) element.setAttribute(key, text);
        svg.append(element);
      };

      const values = (x, y) => {
        const wanted = value(Math.max(left, Math.min(left + width, x)));
        const rows = [];
        let shown = wanted;
        let gap = Infinity;
        for (const series of data.series) {
          const xs = data.xs[series.x];
          const index = find(xs, wanted, series.step);
          if (index < 0) continue;
          const number = series.values[index];
          const at = along(series.step ? wanted : xs[index]);
          if (!series.step && Math.abs(xs[index] - wanted) < gap) {
            gap = Math.abs(xs[index] - wanted);
            shown = xs[index];
          }
          const from = number === null ? Infinity : Math.abs(upward(number) - y);
          rows.push({ series, index, number, at, from });
        }
        if (data.dots) rows.sort((a, b) => (b.number ?? -Infinity) - (a.number ?? -Infinity));
        return { rows, shown };
      };
      const point = (x, y, { box, scale }) => {
        const { rows, shown } = values(x, y);
        leave();
        if (rows.length === 0) return;
        const near = data.dots ? rows.reduce((a, b) => (b.from < a.from ? b : a)) : null;
        const nearest = near && near.from < 14 ? near.series.index : null;
        if (nearest !== null) forward(String(nearest));
        const line = Math.max(left, Math.min(left + width, along(shown)));
        draw("path", { class: "crosshair", d: `M${line} ${top}V${top + height}` });
        tip.textContent = "";
        const table = make("table", null, tip);
        make("caption", `${data.x} ${show(Number(shown.toPrecision(4)))}${data.y ? ` · ${data.y}` : ""}`, table);
        for (const { series, index, number, at } of rows) {
          const row = make("tr", null, table);
          if (series.index === nearest) row.className = "nearest";
          make("td", series.name || "value", row).className = series.class;
          make("td", show(number) + (number === null ? "" : data.unit), row);
          if (series.low) make("td", `[${show(series.low[index])}, ${show(series.high[index])}]`, row);
          const cy = number === null ? null : upward(number);
          if (data.dots && Number.isFinite(cy)) draw("circle", { class: `marker ${series.class}`, cx: at, cy, r: 3.4 * Math.max(1, scale) });
        }
        const outside = figure.getBoundingClientRect();
        place(box.left - outside.left + line / scale, box.top - outside.top + top / scale);
      };

      let last = null;
      svg.addEventListener("pointermove", (event) => {
        const at = pixels(event);
        last = value(at.x);
        point(at.x, at.y, at);
      });
      svg.addEventListener("pointerdown", (event) => {
        const at = pixels(event);
        point(at.x, at.y, at);
      });
      svg.addEventListener("pointerleave", leave);
      svg.addEventListener("blur", leave);
      svg.tabIndex = 0;
      svg.addEventListener("keydown", (event) => {
        if (event.key === "Escape") return leave();
        const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!by || data.xs.length === 0) return;
        const xs = data.xs[0];
        const index = last === null ? 0 : find(xs, last, false) + by;
        last = xs[Math.max(0, Math.min(xs.length - 1, index))];
        const box = svg.getBoundingClientRect();
        point(along(last), -1000, { box, scale: svg.viewBox.baseVal.width / box.width });
        event.preventDefault();
      });
    }
  }
})();
