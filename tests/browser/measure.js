// Runs inside the page: measures what a reader sees. Returns plain data; the Python beside it judges.
const visible = (element) => element.checkVisibility() && element.getClientRects().length > 0;
const box = (element) => {
  const r = element.getBoundingClientRect();
  return { x: r.left + scrollX, y: r.top + scrollY, w: r.width, h: r.height };
};
const all = (selector, root = document) => [...root.querySelectorAll(selector)].filter(visible);

const parse = (color) => {
  const found = color.match(/[\d.]+/g);
  return found ? found.slice(0, 4).map(Number) : null;
};
// Colours as painted: a canvas turns any notation into bytes.
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const bytes = (color) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const luminance = ([r, g, b]) => {
  const f = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b);
};
const contrast = (a, b) => {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
};
const ground = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const color = bytes(getComputedStyle(at).backgroundColor);
    if (color[3] === 255) return color;
  }
  return [255, 255, 255, 255];
};
// The colours under a text in a picture: of its box, of its hatching, or of the page.
const under = (text) => {
  const holder = text.closest("g[data-kind]");
  if (!holder) return [ground(text.ownerSVGElement)];
  const rects = [...holder.querySelectorAll("rect")];
  const rect = text.closest(".block") && rects.length > 1 ? rects[1] : rects[0];
  const fill = getComputedStyle(rect).fill;
  const pattern = fill.match(/url\("?#([^")]+)/);
  if (!pattern) return [bytes(fill)];
  // Letters on hatching have an outline in the ground's colour.
  return [...document.getElementById(pattern[1]).querySelectorAll("rect.gap-ground, rect.clash-ground")]
    .map((part) => bytes(getComputedStyle(part).fill));
};

const lanes = all("svg g.lane").map((lane) => ({
  picture: lane.ownerSVGElement.classList[0],
  bed: lane.querySelector(":scope > .bed") ? box(lane.querySelector(":scope > .bed")) : null,
  boxes: [...lane.querySelectorAll(":scope > g[data-kind]")].map((g) => ({
    kind: g.dataset.kind, id: g.dataset.id, start: g.dataset.start, end: g.dataset.end,
    tip: g.querySelector("title").textContent,
    rect: box(g.querySelector("rect")),
    texts: [...g.querySelectorAll(":scope > text")].map((text) => ({
      text: text.textContent, rect: box(text),
      in: box(text.closest(".block") ? g.querySelectorAll("rect")[1] : g.querySelector("rect")),
    })),
  })),
}));
const pictures = all("svg.strip, svg.agenda").map((svg) => ({
  kind: svg.classList[0], rect: box(svg),
  labels: all("text", svg).filter((text) => !text.closest("g[data-kind]"))
    .map((text) => ({ text: text.querySelector("title") ? [...text.querySelectorAll("tspan")].map((t) => t.textContent).join(" ") : text.textContent, class: text.getAttribute("class"), rect: box(text) })),
}));
const poor = [];
for (const text of all("svg text")) {
  const ink = bytes(getComputedStyle(text.querySelector("tspan") || text).fill);
  for (const paper of under(text)) {
    const ratio = contrast(ink, paper);
    if (ratio < 4.5) poor.push(`${text.textContent.slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
}
const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let n_texts = 0;
const wide = [];
for (let node = words.nextNode(); node; node = words.nextNode()) {
  const element = node.parentElement;
  if (!node.data.trim() || element.closest("svg, script, style, noscript, select, .skip") || !visible(element)) continue;
  n_texts += 1;
  const ratio = contrast(bytes(getComputedStyle(element).color), ground(element));
  if (ratio < 4.5) poor.push(`${node.data.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
  const range = document.createRange();
  range.selectNodeContents(node);
  for (const r of range.getClientRects()) {
    if (r.right > innerWidth + 0.5 || r.left < -0.5) {
      if (!element.closest(".unseen, thead")) wide.push(node.data.trim().slice(0, 40));
      break;
    }
  }
}
return {
  innerWidth, scrollWidth: document.documentElement.scrollWidth, height: document.documentElement.scrollHeight,
  lanes, pictures, poor, wide, n_texts,
  times: [...document.querySelectorAll("time[data-end]")].map((t) => [t.dateTime, t.dataset.end, t.textContent]),
  tips: [...document.querySelectorAll("[data-tip]")].map((g) => [g.dataset.start, g.dataset.end, g.querySelector("title").textContent]),
  axes: [...document.querySelectorAll("g.axis")].map((g) => g.innerHTML),
  ticks: [...document.querySelectorAll("g.axis")].map((g) => [...g.querySelectorAll("text")].map((t) => [t.getAttribute("class"), t.textContent])),
  headings: [...document.querySelectorAll("h1, h2, h3, h4")].map((h) => Number(h.tagName[1])),
  language: document.documentElement.lang,
  zones: [...document.querySelectorAll("#zone option")].map((option) => option.value),
  changing: [...document.querySelectorAll("#zone option")].filter((option) => option.text.includes(", then ")).map((option) => option.value),
  zone: document.getElementById("zone")?.value,
  sessions: document.querySelectorAll("#sessions tbody tr").length,
};
