// Where everything is on the page, and the pictures of parts of it.

const ROW = 33, HEAD = 80, TIMES = 96, THREAD = 96, LANE = 150, TOP = 22;
const LEFT = 165, RIGHT = 140; // of the first and the last lane: words are there
const CHAR = 9.7; // the width of one
const SHARE = 12; // more lanes than these share columns with those that are over before they begin
const COLOURS = 8;

const esc = s => String(s).replace(/[&<>"']/g, c => "&#" + c.charCodeAt(0) + ";");
const clip = (s, n) => s.length > n ? s.slice(0, Math.max(1, n - 1)) + "…" : s;
// line is where an event was made, without the script's folder.
const line = e => (e.where || "-").replace(/^.*\//, "");
const clipLeft = (s, n) => s.length > n ? "…" + s.slice(1 - n) : s;

// Layout is where the rows and lanes of the events that are shown are.
class Layout {
  constructor(model, rows, width) {
    this.model = model;
    this.rows = rows;
    this.narrow = width < 1000; // the lines of Lua are left out
    this.gutter = TIMES + THREAD + (this.narrow ? 6 : 172);
    this.y = new Float64Array(rows.length);
    this.gaps = [];
    for (const e of model.events) e.row = -1;
    let y = TOP;
    rows.forEach((e, i) => {
      e.row = i;
      const dt = i > 0 ? e.t - rows[i - 1].t : 0;
      if (dt >= 0.01) { // a gap in time: its logarithm
        const gap = Math.min(4, 1 + Math.log10(dt / 0.01)) * ROW * 0.65;
        this.gaps.push({ row: i, y: y + gap / 2, dt });
        y += gap;
      }
      this.y[i] = y + ROW / 2;
      y += ROW;
    });
    this.height = y + ROW;
    this.columns(width);
    this.index();
  }

  // columns puts each end that is there in a column.
  columns(width) {
    const spans = this.spans = new Map();
    const seen = (end, i) => {
      if (!end) return;
      const s = spans.get(end);
      if (s) { s.last = Math.max(s.last, i); s.first = Math.min(s.first, i); } else spans.set(end, { end, first: i, last: i });
    };
    this.rows.forEach((e, i) => {
      seen(e.end, i);
      seen(e.other, i);
      for (const l of e.out) seen(l.to.end, i);
      for (const l of e.in) seen(l.from.end, i);
    });
    const all = [...spans.values()].sort((a, b) => a.first - b.first || a.end.n - b.end.n), free = [];
    this.n = 0;
    for (const s of all) {
      let column = all.length > SHARE && s.end.role !== "server" ? free.findIndex(last => last < s.first - 1) : -1;
      if (column < 0) column = free.push(0) - 1;
      free[column] = s.end.role === "server" ? Infinity : s.last;
      s.column = column;
    }
    this.n = Math.max(1, free.length);
    const between = Math.max(1, this.n - 1);
    this.lane = Math.min(560, Math.max(LANE, Math.floor((width - this.gutter - LEFT - RIGHT) / between)));
    this.width = Math.max(width, this.gutter + LEFT + (this.n - 1) * this.lane + RIGHT);
    let colour = 0;
    for (const end of this.model.ends) end.colour ??= end.role === "server" ? -1 : colour++ % COLOURS;
  }

  x(end) { return this.gutter + LEFT + this.spans.get(end).column * this.lane; }

  // at is where a moment is, between the rows before and after it.
  at(t) {
    const rows = this.rows;
    let lo = 0, hi = rows.length;
    while (lo < hi) { const mid = (lo + hi) >> 1; if (rows[mid].t < t) lo = mid + 1; else hi = mid; }
    if (lo === 0) return 4;
    if (lo === rows.length) return this.y[lo - 1];
    const a = rows[lo - 1].t, b = rows[lo].t;
    return this.y[lo - 1] + (this.y[lo] - this.y[lo - 1]) * (b > a ? (t - a) / (b - a) : 0);
  }

  // row is the first that is at or below y.
  row(y) {
    let lo = 0, hi = this.rows.length;
    while (lo < hi) { const mid = (lo + hi) >> 1; if (this.y[mid] < y - ROW / 2) lo = mid + 1; else hi = mid; }
    return lo;
  }

  // index notes what reaches over which stretch of the page: what is drawn must not be searched for.
  index() {
    this.stretches = new Map();
    const put = (from, to, what) => {
      for (let k = Math.floor(from / 2000); k <= Math.floor(to / 2000); k++) {
        const list = this.stretches.get(k);
        if (list) list.push(what); else this.stretches.set(k, [what]);
      }
    };
    for (const l of this.model.links) {
      if (l.from.row >= 0 && l.to.row >= 0) put(this.y[l.from.row], this.y[l.to.row], { link: l });
    }
    this.waits(put);
    for (const s of this.spans.values()) put(this.y[s.first] - ROW, this.y[s.last] + ROW, { life: s });
  }

  // waits puts those of one lane side by side.
  waits(put) {
    const slots = new Map();
    const waits = this.rows.filter(e => e.end && e.wait >= 0.0001).map(e => ({ e, from: this.at(e.t - e.wait), to: this.y[e.row] }));
    for (const w of waits.sort((a, b) => a.from - b.from)) {
      if (w.to - w.from < 5) continue;
      const lane = slots.get(w.e.end) ?? [];
      slots.set(w.e.end, lane);
      let slot = lane.findIndex(to => to <= w.from);
      if (slot < 0) slot = lane.push(0) - 1;
      lane[slot] = w.to;
      put(w.from, w.to, { wait: w.e, from: w.from, to: w.to, slot: slot % 5 });
    }
  }

  // over returns what reaches over the page from top to bottom, each once.
  over(top, bottom) {
    const all = new Set();
    for (let k = Math.floor(top / 2000); k <= Math.floor(bottom / 2000); k++) for (const w of this.stretches.get(k) ?? []) all.add(w);
    return all;
  }
}

const ink = end => end.colour < 0 ? "var(--lane)" : "var(--c" + end.colour + ")";
// The colour of a message is that of the end that has one to itself.
const tone = (a, b) => ink(a.colour >= 0 && !(a.role === "server" && b.colour >= 0) ? a : b);

let pictures = 0; // stripes have a name for each: those of one that is hidden are none

// picture is an SVG of the page from top to bottom, of the rows from first to before last.
function picture(layout, top, bottom, chosen, first = Math.max(0, layout.row(top) - 1), last = layout.row(bottom + ROW)) {
  const out = [], stripes = "stripes" + ++pictures, p = new Pen(layout, out, chosen, stripes);
  for (let i = first; i < last; i++) p.ground(i);
  const over = layout.over(top, bottom);
  for (const w of over) if (w.life) p.life(w.life);
  for (const w of over) if (w.wait) p.wait(w);
  for (const g of layout.gaps) if (g.y > top - 100 && g.y < bottom + 100) p.gap(g);
  for (const w of over) if (w.link) p.arrow(w.link);
  for (let i = first; i < last; i++) p.row(i);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${layout.width}" height="${bottom - top}" viewBox="0 ${top} ${layout.width} ${bottom - top}">` +
    `<defs><pattern id="${stripes}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
    `<rect width="6" height="6" fill="var(--ground)"/><rect width="3" height="6" fill="var(--lane)"/></pattern></defs>${out.join("")}</svg>`;
}

// heads is an SVG of the lanes' names: of those that are there from row on.
function heads(layout, row, bottom) {
  const names = new Map();
  for (const s of [...layout.spans.values()].sort((a, b) => a.first - b.first)) {
    const had = names.get(s.column);
    if (!had || had.last < row && s.first <= bottom) names.set(s.column, s);
  }
  const wide = Math.min(layout.lane, 2 * RIGHT - 8), room = Math.floor((wide - 14) / CHAR), out = [];
  for (const { end } of names.values()) {
    const x = layout.x(end), who = [...end.threads];
    out.push(`<g><title>${esc(label(end))}</title><rect x="${x - wide / 2 + 10}" y="5" width="${wide - 20}" height="6" rx="2" fill="${ink(end)}"/>` +
      `<text class="role" x="${x}" y="33" text-anchor="middle">${esc(end.role)}${end.out ? " (outside)" : ""}</text>` +
      `<text class="m" x="${x}" y="52" text-anchor="middle">${esc(clipLeft(label(end).slice(end.role.length + 1), room))}</text>` +
      (end.out ? "" : `<text class="s" x="${x}" y="71" text-anchor="middle">${esc(clip(who.slice(0, 3).join(", ") + (who.length > 3 ? ", …" : "") + " · " + line(end.first), room + 3))}</text>`) + "</g>");
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${layout.width}" height="${HEAD}" viewBox="0 0 ${layout.width} ${HEAD}">` +
    `<text class="s" x="${TIMES - 10}" y="71" text-anchor="end">time</text><text class="s" x="${TIMES + 6}" y="71">thread</text>${layout.narrow ? "" : `<text class="s" x="${TIMES + THREAD + 4}" y="71">line</text>`}${out.join("")}</svg>`;
}

// Pen draws into a list of pieces of SVG.
class Pen {
  constructor(layout, out, chosen, stripes) {
    this.l = layout; this.out = out; this.chosen = chosen; this.stripes = stripes;
  }

  put(s) { this.out.push(s); }

  // ground is what a click on a row hits.
  ground(i) {
    const e = this.l.rows[i];
    this.put(`<rect class="row${i % 2 ? " odd" : ""}${e === this.chosen ? " on" : ""}" data-i="${e.i}" x="0" y="${this.l.y[i] - ROW / 2}" width="${this.l.width}" height="${ROW}"/>`);
  }

  life(s) {
    const x = this.l.x(s.end);
    this.put(`<line class="life${s.end.out ? " out" : ""}" style="stroke:${ink(s.end)}" x1="${x}" x2="${x}" y1="${this.l.y[s.first] - ROW / 2}" y2="${this.l.y[s.last] + ROW / 2}" pointer-events="none"/>`);
  }

  wait(w) {
    const x = this.l.x(w.wait.end) + w.slot * 12;
    this.put(`<rect class="wait" x="${x - 5}" y="${w.from}" width="10" height="${w.to - w.from}" fill="url(#${this.stripes})" stroke="${ink(w.wait.end)}" pointer-events="none"/>`);
  }

  gap(g) {
    this.put(`<line class="rung" x1="${TIMES}" x2="${this.l.width}" y1="${g.y}" y2="${g.y}" stroke-dasharray="2 6"/><text class="g" x="${TIMES - 10}" y="${g.y + 5}" text-anchor="end">+ ${span(g.dt)}</text>`);
  }

  // line is an arrow from one point to another.
  line(x1, y1, x2, y2, colour, kind) {
    const d = Math.hypot(x2 - x1, y2 - y1) || 1, ux = (x2 - x1) / d, uy = (y2 - y1) / d;
    const ex = x2 - ux * 7, ey = y2 - uy * 7, bx = ex - ux * 13, by = ey - uy * 13;
    this.put(`<path class="${kind}" stroke="${colour}" d="M${x1 + ux * 7} ${y1 + uy * 7}L${bx} ${by}"/>` +
      `<path class="head ${kind === "thin" ? "open" : ""}" style="fill:${kind === "thin" ? "var(--ground)" : colour};stroke:${kind === "thin" ? colour : "none"}" d="M${ex} ${ey}L${bx - uy * 6} ${by + ux * 6}L${bx + uy * 6} ${by - ux * 6}Z"/>`);
  }

  arrow(l) {
    const { from, to } = l, colour = l.kind === "reset" ? "var(--bad)" : tone(from.end, to.end);
    if (from.end === to.end) return; // of a server to itself: its rows say so
    this.line(this.l.x(from.end), this.l.y[from.row], this.l.x(to.end), this.l.y[to.row], colour, l.kind === "data" ? "data" : "thin");
  }

  cross(x, y) { this.put(`<path class="cross" d="M${x - 6} ${y - 6}l12 12m0 -12l-12 12"/>`); }

  // row draws what is at an event's own lane, and its words.
  row(i) {
    const e = this.l.rows[i], y = this.l.y[i];
    this.put(e === this.chosen ? '<g class="on" pointer-events="none">' : '<g pointer-events="none">');
    this.put(`<text class="s" x="${TIMES - 10}" y="${y + 5}" text-anchor="end">${stamp(e.t)}</text>` +
      `<text class="s" x="${TIMES + 6}" y="${y + 5}">${esc(clip(e.thread || "-", 11))}</text>` +
      (this.l.narrow ? "" : `<text class="s" x="${TIMES + THREAD + 4}" y="${y + 5}">${esc(clipLeft(line(e), 20))}</text>`));
    if (!e.end) this.put(`<text x="${this.l.gutter + 12}" y="${y + 5}"${e.bad ? ' class="bad"' : ""}>${esc(clip(words(e).join(" "), 90))}</text>`);
    else this.event(e, y);
    this.put("</g>");
  }

  event(e, y) {
    const x = this.l.x(e.end);
    const far = this.far(e);
    if (far) this.flat(e, x, y, far);
    this.mark(e, x, y);
    const other = far ?? e.out[0]?.to.end ?? e.in[0]?.from.end;
    this.words(e, x, y, other && this.l.spans.has(other) ? this.l.x(other) : x);
  }

  // far is the lane of the other end when the event has no row there.
  far(e) {
    if (e.other) return e.other === e.end ? null : e.other;
    const hidden = e.out.find(l => l.to.row < 0)?.to.end ?? e.in.find(l => l.from.row < 0)?.from.end;
    return hidden === e.end ? null : hidden;
  }

  flat(e, x, y, far) {
    const there = this.l.x(far), inward = isRecv(e) || e.op === "accept" || e.error === "ECONNRESET";
    const bad = e.bad, thin = e.op === "connect" || e.op === "accept" || isRecv(e) && e.bytes === 0;
    const colour = bad ? "var(--bad)" : tone(e.end, far);
    if (inward) return this.line(there, y, x, y, colour, thin || bad ? "thin" : "data");
    this.line(x, y, there, y, colour, e.lost || bad ? "lost" : thin ? "thin" : "data");
    if (e.lost || bad) this.cross(there, y);
  }

  mark(e, x, y) {
    const colour = ink(e.end);
    if (e.bad) this.cross(x, y);
    else if (e.op === "close") this.put(`<rect class="end" x="${x - 7}" y="${y - 7}" width="14" height="14" fill="${colour}" stroke="var(--ground)"/>`);
    else if (e.op === "connect" || e.op === "accept") this.put(`<circle cx="${x}" cy="${y}" r="6.5" fill="var(--ground)" stroke="${colour}"/>`);
    else this.put(`<circle cx="${x}" cy="${y}" r="4.5" fill="${colour}" stroke="var(--ground)"/>`);
  }

  // words are those of an event, between its lane and the other one: what it sent goes along the
  // arrow; what it received was said there, if it is the same.
  words(e, x, y, there) {
    const all = words(e), same = isRecv(e) && e.in.length === 1 && e.in[0].kind === "data" && e.in[0].from.bytes === e.bytes && e.in[0].from.row >= 0;
    if (same) all.length = 0;
    if (e.wait >= 0.001) all.push("waited " + span(e.wait));
    if (all.length === 0) return;
    const inward = isRecv(e) || e.op === "accept";
    let side = there === x ? 1 : Math.sign(there - x);
    if (inward && there !== x) side = -side; // the arrow comes from there
    const room = side > 0 ? this.l.width - x : x - this.l.gutter;
    const most = Math.floor((there === x || inward ? Math.min(room, Math.max(LEFT, this.l.lane * 1.3)) - 22 : Math.abs(there - x) - 40) / CHAR);
    const lift = !inward && there !== x ? -12 : 0; // above its arrow
    this.put(`<text class="m${e.bad ? " bad" : ""}" x="${x + side * 15}" y="${y + 5 + lift}" text-anchor="${side > 0 ? "start" : "end"}">${esc(fit(all, most))}</text>`);
  }
}

// stamp is the time of a row.
const stamp = t => t < 10 ? (t * 1000).toFixed(2) + " ms" : t.toFixed(3) + " s";

// fit joins words as far as they fit; the data are what is cut.
function fit(words, most) {
  const data = words.find(w => w.startsWith('"'));
  if (words.length > 1 && words.join(" ").length > most) words = words.filter(w => !w.startsWith("waited ")); // the bar says so, too
  const rest = words.filter(w => w !== data).join(" ");
  if (!data) return clip(rest, most);
  const room = most - rest.length - 1;
  if (room < 5) return clip(rest, most);
  return words.map(w => w === data ? clip(w, room) : w).join(" ");
}

// words say what an event is.
function words(e) {
  const all = [];
  if (isSend(e) || isRecv(e)) {
    if (e.error || e.bytes === 0 || isPeek(e)) all.push(isPeek(e) ? "peek" : e.op);
    if (!e.error && e.bytes === 0 && isRecv(e) && !isPeek(e) && e.conn && !e.conn.gram) all.push('""', "(the end)");
    else if (!e.error || e.bytes > 0) all.push(e.layer === "tls" ? "tls" : "", received(e), '"' + shown(raw(e, 80), 70) + '"');
  } else {
    all.push(e.layer === "tls" ? "tls " + e.op : e.op);
    if (e.op === "lookup") all.push(e.address ?? "", e.found ? "→ " + e.found.join(", ") : "");
    if (e.op === "shutdown") all.push(["reading", "writing", "both ways"][e.flags || 0] ?? "");
    if (e.op === "bind" || e.op === "listen") all.push(short({ address: plain(e.local) }) || "");
    if (e.op === "relay" || e.op === "sendfrom") all.push(count(e.bytes, "byte"));
    if (e.by && e.by !== "script") all.push(e.by === "end" ? "(end of run)" : "by " + e.by);
    if (e.detail) all.push(e.detail);
  }
  if (e.lost) all.push("not received here");
  if (e.error) all.push(notYet(e) ? "not yet (" + e.error + ")" : e.error);
  return all.filter(w => w !== "");
}

// received says how much; of what was sent, when that was more.
function received(e) {
  const from = isRecv(e) && e.in.length === 1 && e.in[0].kind === "data" ? e.in[0].from : null;
  return from && from.bytes > e.bytes ? e.bytes + " of " + from.bytes : String(e.bytes);
}

// sentence is an event in a line.
function sentence(e) {
  const arrow = isRecv(e) || e.op === "accept" ? " ← " : " → ";
  const ends = [e.local, e.peer].filter(Boolean).join(arrow);
  return [stamp(e.t), e.thread || "-", e.where || "-", e.socket ? "#" + e.socket : "", isSend(e) || isRecv(e) ? e.op : "", ...words(e), ends, e.wait >= 0.0001 ? "waited " + span(e.wait) : ""].filter(Boolean).join("  ");
}
