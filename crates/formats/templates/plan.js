// Tells every time on the page in the zone that the reader picks, by the offsets that came with the page.
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("zones").textContent);
  const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const DATE = 78, WEEKDAY = 30;
  let table = [];
  const seconds = (iso) => Date.parse(iso) / 1000;
  const two = (n) => String(n).padStart(2, "0");
  const offset = (t) => table.reduce((found, [from, off]) => (from <= t ? off : found), table[0][1]);
  const wall = (t) => new Date((t + offset(t)) * 1000);
  const time = (t) => two(wall(t).getUTCHours()) + ":" + two(wall(t).getUTCMinutes());
  const weekday = (t) => WEEKDAYS[wall(t).getUTCDay()];
  const dayMonth = (t) => wall(t).getUTCDate() + " " + MONTHS[wall(t).getUTCMonth()];
  const date = (t) => weekday(t) + " " + dayMonth(t);
  const day = (t) => Math.floor((t + offset(t)) / 86400);
  const offsetName = (off) => {
    const minutes = Math.floor(Math.abs(off) / 60);
    if (minutes === 0) return "UTC";
    const rest = minutes % 60 ? ":" + two(minutes % 60) : "";
    return "UTC" + (off < 0 ? "-" : "+") + Math.floor(minutes / 60) + rest;
  };
  const changes = () => table
    .map(([at, to], i) => ({ at, to, from: i ? table[i - 1][1] : to }))
    .filter((change) => change.at > data.from && change.at < data.to);
  const amount = (change) => {
    const minutes = Math.floor(Math.abs(change.to - change.from) / 60);
    return minutes % 60 ? minutes + " min" : minutes / 60 + " h";
  };
  const range = (start, end) => {
    const told = (t) => "(" + offsetName(offset(t)) + ")";
    const oneDay = day(start) === day(end), oneOffset = offset(start) === offset(end);
    let text = date(start) + " " + time(start);
    if (!oneOffset) text += " " + told(start);
    if (oneDay && oneOffset) text += "–" + time(end);
    else if (oneDay) text += " – " + time(end);
    else text += " – " + date(end) + " " + time(end);
    return changes().length ? text + " " + told(end) : text;
  };
  const quarters = () => {
    const found = [];
    for (let t = Math.ceil(data.from / 900) * 900; t <= data.to; t += 900) found.push(t);
    return found;
  };
  const hours = (step) => quarters().filter((t) => {
    const local = t + offset(t);
    return local % 3600 === 0 && (local / 3600) % step === 0;
  });
  const midnights = () => [...new Set([...quarters(), ...changes().map((change) => change.at)])]
    .filter((t) => t > data.from && day(t - 1) !== day(t))
    .sort((a, b) => a - b);

  const drawAxis = (group) => {
    const of = (name) => Number(group.dataset[name]);
    const down = group.dataset.dir === "y";
    const [a, b, from, to, apart, gutter] = ["a", "b", "from", "to", "apart", "gutter"].map(of);
    const labels = group.dataset.labels === "1";
    const place = (t) => a + ((b - a) * (t - data.from)) / (data.to - data.from);
    const hour = ((b - a) * 3600) / (data.to - data.from);
    const step = [1, 2, 3, 6, 12].find((n) => hour * n >= apart) || 24;
    const px = (n) => String(Number(n.toFixed(2)));
    const add = (name, attributes, text) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      if (text !== undefined) element.textContent = text;
      group.append(element);
    };
    const line = (kind, at) => add("line", down
      ? { class: kind, x1: px(from), x2: px(to), y1: px(at), y2: px(at) }
      : { class: kind, x1: px(at), x2: px(at), y1: px(from), y2: px(to) });
    const label = (kind, x, y, text) => add("text", { class: kind, x: px(x), y: px(y) }, text);
    group.replaceChildren();
    const days = midnights(), labelled = hours(step);
    let last = -Infinity;
    for (const t of hours(hour < 8 ? step : 1)) {
      const at = place(t);
      line("hour", at);
      if (labels && labelled.includes(t) && at - last >= apart * 0.85 && !(down && days.includes(t))) {
        if (down) label("tick end", from - 8, at + 4, time(t));
        else label("tick", at, from - 8, time(t));
        last = at;
      }
    }
    for (const t of days) line("midnight", place(t));
    if (labels) {
      const starts = [data.from, ...days.filter((t) => t < data.to)];
      starts.forEach((t, i) => {
        const at = place(t);
        if (down) {
          const y = i === 0 ? at - 24 : at + 3;
          label("day end", from - 8, y, weekday(t));
          label("day end", from - 8, y + 13, dayMonth(t));
          return;
        }
        const room = (i + 1 < starts.length ? place(starts[i + 1]) : b) - at;
        if (room >= DATE) label("day", at + 4, from - 24, date(t));
        else if (i === 0 && gutter >= DATE) label("day end", at - 4, from - 24, date(t));
        else if (room >= WEEKDAY) label("day", at + 4, from - 24, weekday(t));
      });
    }
    for (const change of changes()) {
      const at = place(change.at), forward = change.to > change.from;
      line("change", at);
      if (!labels) continue;
      if (down) {
        label("changed end", from - 8, at - 9, (forward ? "+" : "−") + amount(change));
      } else {
        const late = at > (a + b) / 2;
        const says = `clocks ${forward ? "forward" : "back"} ${amount(change)} to ${offsetName(change.to)}`;
        label(late ? "changed end" : "changed", late ? at - 4 : at + 4, from - 40, says);
      }
    }
  };

  const tell = (zone) => {
    table = data.zones[zone];
    document.documentElement.classList.toggle("has-change", changes().length > 0);
    for (const element of document.querySelectorAll("time[data-end]")) {
      element.textContent = range(seconds(element.dateTime), seconds(element.dataset.end));
    }
    for (const element of document.querySelectorAll("[data-at]")) {
      element.textContent = time(seconds(element.dataset.at));
    }
    for (const element of document.querySelectorAll("[data-tip]")) {
      const when = range(seconds(element.dataset.start), seconds(element.dataset.end));
      element.querySelector("title").textContent = element.dataset.tip + "\n" + when;
    }
    document.querySelectorAll("g.axis").forEach(drawAxis);
    document.querySelector(".year").textContent = wall(data.from).getUTCFullYear();
    document.getElementById("told").textContent = zone;
  };

  const select = document.getElementById("zone");
  select.disabled = false;
  select.addEventListener("change", () => tell(select.value));
  // A browser may bring back an earlier choice when the page is loaded again.
  tell(select.value);
})();
