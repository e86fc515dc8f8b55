// The page: what is shown, chosen and drawn, keys and clicks.

const $ = id => document.getElementById(id);
const MOST = 4e6; // pixels: browsers have no higher pages
const CHUNK = 1 << 16; // bytes of data that are shown at once
const PRINTED = 4000; // rows: nobody prints more

class Page {
  constructor(text) {
    const { events, cut } = parse(text);
    this.model = new Model(events);
    this.chosen = null;
    this.hex = false;
    this.filter = { thread: "", conn: "", text: "" };
    this.name(cut);
    this.choices();
    this.listen();
    this.refresh();
  }

  name(cut) {
    const { events } = this.model, last = events[events.length - 1];
    const script = line(events.find(e => e.where) ?? {}).replace(/:\d+$|^-$/, "");
    $("title").textContent = document.title = script ? "Ladder of " + script : "Ladder";
    this.whole = count(events.length, "event") + (last ? " in " + span(last.t - events[0].t) : "") + (cut ? ", the last one cut off" : "");
  }

  // choices fills the two lists.
  choices() {
    const add = (list, value, text) => list.append(new Option(text, value));
    const threads = new Set(this.model.events.map(e => e.thread || "-"));
    for (const t of threads) add($("thread"), t, t);
    const { conns } = this.model, seen = new Set();
    this.pairs = [];
    for (const c of conns) {
      if (c.socket.conn !== c || seen.has(c) || c.listens && !this.model.of(c).length) continue;
      seen.add(c);
      if (c.peer) seen.add(c.peer);
      const other = c.peer?.end ?? (c.socket.remote ? this.model.beyond(c, "") : null);
      c.pairNumber = this.pairs.push(c) - 1;
      if (c.peer) c.peer.pairNumber = c.pairNumber;
      const number = "#" + c.socket.number + (c.peer ? " – #" + c.peer.socket.number : "");
      add($("connection"), String(c.pairNumber), number + "  " + (c.socket.local || label(c.end)) + (other ? " – " + (c.socket.remote || label(other)) : ""));
    }
  }

  // refresh shows what the filters let through.
  refresh() {
    const { thread, conn, text } = this.filter, wanted = text.toLowerCase();
    this.rows = this.model.events.filter(e => (!thread || (e.thread || "-") === thread) &&
      (conn === "" || e.conn?.pairNumber === +conn) && (!wanted || this.has(e, wanted)));
    $("sum").textContent = (this.rows.length < this.model.events.length ? this.rows.length.toLocaleString("en") + " of " : "") + this.whole;
    for (const id of ["thread", "connection"]) $(id).classList.toggle("set", $(id).value !== "");
    this.arrange();
  }

  has(e, wanted) {
    if (sentence(e).toLowerCase().includes(wanted)) return true;
    const bytes = raw(e);
    return (utf8(bytes) ?? bytes).toLowerCase().includes(wanted);
  }

  // arrange lays everything out anew, and keeps the chosen event where it is.
  arrange() {
    const box = $("scroll");
    this.boxHeight = box.clientHeight; this.mapHeight = $("map").clientHeight; // asking later has the browser lay out what was just drawn
    const before = this.chosen?.row >= 0 && this.layout ? this.layout.y[this.chosen.row] - this.top() : null;
    this.layout = new Layout(this.model, this.rows, box.clientWidth);
    this.full = Math.min(MOST, this.layout.height);
    $("space").style.width = this.layout.width + "px";
    $("space").style.height = this.full + HEAD + "px";
    this.drawn = null;
    if (this.chosen?.row >= 0) this.scrollTo(before === null ? this.layout.y[this.chosen.row] - this.boxHeight / 2 : this.layout.y[this.chosen.row] - before);
    this.mapped = null;
    this.draw();
  }

  // room is how much of the page is seen at once; top where that begins.
  room() { return Math.max(100, this.boxHeight - HEAD); }
  ratio() { return this.full >= this.layout.height ? 1 : (this.layout.height - this.room()) / (this.full - this.room()); }
  top() { return $("scroll").scrollTop * this.ratio(); }
  scrollTo(y) { $("scroll").scrollTop = y / this.ratio(); }

  // draw draws what is seen, and as much above and below, unless it is there.
  draw() {
    const scrolled = $("scroll").scrollTop, top = scrolled * this.ratio(), room = this.room(), exact = this.ratio() === 1;
    if (!this.drawn || !exact || top < this.drawn.safe || top + room > this.drawn.bottom - room / 4 && this.drawn.bottom < this.layout.height) {
      const from = Math.max(0, Math.floor(top - room)), to = Math.min(Math.ceil(this.layout.height), Math.ceil(top + 2 * room));
      $("view").innerHTML = picture(this.layout, from, Math.max(to, from + 1), this.chosen);
      $("view").style.top = HEAD + scrolled + from - top + "px";
      this.drawn = { safe: from > 0 ? from + room / 4 : 0, bottom: to };
    }
    const row = this.layout.row(top), last = this.layout.row(top + room);
    const names = heads(this.layout, row, last);
    if (names !== this.headed) $("heads").innerHTML = this.headed = names;
    this.map(top);
  }

  redraw() { this.drawn = null; this.headed = null; this.draw(); }

  // map draws all of it, small, and a frame around what is seen.
  map(top) {
    const canvas = $("map"), h = this.mapHeight, dots = devicePixelRatio || 1, w = 72;
    if (!this.mapped) {
      const style = getComputedStyle(document.documentElement), colour = name => style.getPropertyValue(name).trim();
      this.mapped = { frame: colour("--focus"), image: this.overview(w, h, dots, colour) };
      canvas.width = w * dots; canvas.height = h * dots;
    }
    const g = canvas.getContext("2d"), scale = this.scale(h);
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.clearRect(0, 0, canvas.width, canvas.height);
    if (this.mapped.image) g.drawImage(this.mapped.image, 0, 0);
    g.scale(dots, dots);
    g.strokeStyle = this.mapped.frame; g.lineWidth = 2;
    const height = Math.min(h - 2, Math.max(8, this.room() * scale));
    g.strokeRect(1, Math.min(h - height - 1, 1 + top * scale), w - 2, height);
  }

  scale(h) { return Math.min(1 / 6, h / this.layout.height); }

  overview(w, h, dots, colour) {
    if (!h) return null;
    const image = document.createElement("canvas"), l = this.layout, scale = this.scale(h);
    image.width = w * dots; image.height = h * dots;
    const g = image.getContext("2d"), x = end => 6 + (w - 12) * (l.spans.get(end).column + 0.5) / l.n;
    const colours = Array.from({ length: COLOURS }, (_, i) => colour("--c" + i)), lane = colour("--lane"), bad = colour("--bad");
    g.scale(dots, dots);
    for (const e of l.rows) {
      if (!e.end) continue;
      const y = l.y[e.row] * scale, there = e.other ?? e.out[0]?.to.end ?? e.in[0]?.from.end;
      const alone = e.end.colour >= 0 ? e.end : there;
      g.fillStyle = e.bad ? bad : alone?.colour >= 0 ? colours[alone.colour] : lane;
      const a = x(e.end), b = there && l.spans.has(there) ? x(there) : a;
      g.fillRect(Math.min(a, b) - (a === b ? 2 : 0), y, Math.max(4, Math.abs(a - b)), Math.max(0.6, ROW * scale / 3));
    }
    return image;
  }

  // choose has an event chosen, in sight, and its data shown if any are.
  choose(e, open) {
    if (!e) return;
    this.chosen = e;
    const y = this.layout.y[e.row], top = this.top(), room = this.room();
    if (y < top + ROW || y > top + room - ROW) this.scrollTo(y - room / 2);
    $("say").textContent = sentence(e);
    if (open || !$("detail").hidden) this.tell(e);
    this.redraw();
  }

  step(n) {
    const at = this.chosen?.row ?? -1;
    this.choose(this.rows[Math.max(0, Math.min(this.rows.length - 1, at < 0 ? this.layout.row(this.top()) : at + n))]);
  }

  // along goes to the next event of the same connection, either end's.
  along(n) {
    const e = this.chosen;
    if (!e) return this.step(n);
    for (let i = e.row + n; e.row >= 0 && i >= 0 && i < this.rows.length; i += n) {
      const c = this.rows[i].conn;
      if (c && e.conn && c.pairNumber === e.conn.pairNumber) return this.choose(this.rows[i]);
    }
  }

  // tell shows all that is known of an event.
  tell(e) {
    const was = $("detail").hidden;
    $("detail").hidden = false;
    $("what").textContent = [e.layer === "tls" ? "tls" : "", e.op, e.error ?? ""].join(" ").trim();
    $("what").className = e.bad ? "bad" : "";
    const facts = [["when", stamp(e.t)], ["thread", e.thread || "-"], ["line", e.where || "-"],
      ["socket", e.socket ? "#" + e.socket + (e.new ? ", made #" + e.new : "") + " " + (e.network ?? "") : ""],
      ["own address", e.local], ["other end", e.peer], ["name", e.op === "lookup" ? e.address : ""], ["found", e.found?.join(", ")], ["asked for", e.size ? count(e.size, e.op === "listen" ? "client" : "byte") : ""], ["option", e.option ? "level " + (e.level || 0) + ", option " + e.option : ""], ["flags", e.flags ? String(e.flags) + (isPeek(e) ? " (peek)" : "") : ""],
      ["took", e.duration ? span(e.duration) : ""], ["of that waited", e.wait ? span(e.wait) : ""], ["closed by", e.by], ["detail", e.detail],
      ["received", e.out.filter(l => l.kind === "data").map(l => count(l.bytes, "byte") + " at " + (l.to.where ?? "-")).slice(0, 20).join(", ")],
      ["sent", e.in.filter(l => l.kind === "data").map(l => count(l.bytes, "byte") + " at " + (l.from.where ?? "-")).slice(0, 20).join(", ")]];
    $("facts").replaceChildren(...facts.filter(f => f[1]).flatMap(([k, v]) => [el("dt", k), el("dd", v)]));
    this.shown = CHUNK;
    this.bytes(e);
    if (was) this.arrange();
  }

  bytes(e) {
    $("data").hidden = !e.data;
    $("detail").classList.toggle("hex", this.hex && !!e.data);
    if (!e.data) return;
    const all = raw(e), part = all.slice(0, this.shown);
    $("as-text").ariaSelected = String(!this.hex);
    $("as-hex").ariaSelected = String(this.hex);
    $("size").textContent = count(all.length, "byte");
    $("bytes").className = this.hex ? "hex" : "";
    $("bytes").replaceChildren(...(this.hex ? [hexdump(part)] : lines(part)));
    $("more").hidden = part.length === all.length;
    $("more").textContent = "Show the other " + count(all.length - part.length, "byte");
  }

  asHex(hex) {
    this.hex = hex;
    if ($("detail").hidden || !this.chosen) return;
    this.bytes(this.chosen);
    this.arrange();
  }

  hide() {
    $("detail").hidden = true;
    this.arrange();
    $("scroll").focus();
  }

  set(thread, conn, text) {
    this.filter = { thread, conn, text };
    $("thread").value = thread; $("connection").value = conn; $("text").value = text;
    this.refresh();
  }

  listen() {
    const box = $("scroll");
    let asked = 0;
    box.addEventListener("scroll", () => { asked ||= requestAnimationFrame(() => { asked = 0; this.draw(); }); }, { passive: true });
    box.addEventListener("wheel", e => { // where the page is too high, a notch would be many rows
      if (this.ratio() === 1 || e.ctrlKey || e.deltaY === 0) return;
      e.preventDefault();
      this.scrollTo(this.top() + e.deltaY * (e.deltaMode === 1 ? ROW : 1));
    }, { passive: false });
    new ResizeObserver(() => this.resized()).observe(box);
    $("view").addEventListener("click", e => this.choose(this.model.events[e.target.closest("[data-i]")?.dataset.i], true));
    for (const id of ["thread", "connection"]) $(id).addEventListener("change", () => this.set($("thread").value, $("connection").value, $("text").value));
    let typed = 0;
    $("text").addEventListener("input", () => { clearTimeout(typed); typed = setTimeout(() => this.set($("thread").value, $("connection").value, $("text").value), 120); });
    $("filters").addEventListener("submit", e => { e.preventDefault(); box.focus(); });
    $("keys").addEventListener("click", () => $("help").showModal());
    $("close").addEventListener("click", () => this.hide());
    $("as-text").addEventListener("click", () => this.asHex(false));
    $("as-hex").addEventListener("click", () => this.asHex(true));
    $("more").addEventListener("click", () => { this.shown = Infinity; this.bytes(this.chosen); });
    $("map").addEventListener("pointerdown", e => { $("map").setPointerCapture(e.pointerId); this.jump(e); });
    $("map").addEventListener("pointermove", e => { if (e.buttons) this.jump(e); });
    document.addEventListener("keydown", e => this.key(e));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.mapped = null; this.redraw(); });
    addEventListener("beforeprint", () => this.print());
    addEventListener("afterprint", () => $("print").replaceChildren());
  }

  resized() {
    const box = $("scroll"), size = box.clientWidth + " " + box.clientHeight;
    if (size !== this.size && box.clientWidth > 0) { this.size = size; this.arrange(); }
  }

  jump(e) { this.scrollTo(e.offsetY / this.scale(this.mapHeight) - this.room() / 2); }

  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || $("help").open) return;
    if (e.key === "Escape") return this.escape();
    if (/^(INPUT|SELECT|BUTTON)$/.test(e.target.tagName) || e.target === $("bytes") && e.key !== "x") return;
    const page = Math.max(1, Math.floor(this.room() / ROW) - 1), c = this.chosen;
    const act = {
      ArrowDown: () => this.step(1), j: () => this.step(1), ArrowUp: () => this.step(-1), k: () => this.step(-1),
      ArrowRight: () => this.along(1), l: () => this.along(1), ArrowLeft: () => this.along(-1), h: () => this.along(-1),
      PageDown: () => this.step(page), PageUp: () => this.step(-page),
      Home: () => this.choose(this.rows[0]), End: () => this.choose(this.rows[this.rows.length - 1]),
      Enter: () => this.choose(c?.row >= 0 ? c : this.rows[this.layout.row(this.top())], true),
      x: () => this.asHex(!this.hex),
      "/": () => $("text").focus(), "?": () => $("help").showModal(),
      c: () => this.set(this.filter.thread, this.filter.conn !== "" ? "" : String(c?.conn?.pairNumber ?? ""), this.filter.text),
      t: () => this.set(this.filter.thread ? "" : c ? c.thread || "-" : "", this.filter.conn, this.filter.text),
    }[e.key];
    if (!act) return;
    e.preventDefault();
    act();
  }

  escape() {
    if (!$("detail").hidden) return this.hide();
    this.set("", "", "");
    $("scroll").focus();
  }

  // print draws all that is shown, a sheet after the other, each with the names of the lanes.
  print() {
    const rows = this.rows.slice(0, PRINTED), l = new Layout(this.model, rows, 1200), sheet = Math.floor(l.width * 0.62) - HEAD, all = [];
    for (let i = 0; i < rows.length;) {
      const from = i, top = l.y[i] - ROW * 0.9;
      while (i < rows.length && (l.y[i] + ROW <= top + sheet || i === from)) i++;
      const bottom = l.y[i - 1] + ROW * 0.6, part = picture(l, top, bottom, null, from, i), names = heads(l, from, i - 1);
      all.push(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${l.width} ${HEAD + bottom - top}">${names}` + part.replace("<svg ", `<svg y="${HEAD}" `) + "</svg>");
    }
    if (rows.length < this.rows.length) all.push(`<p>These are the first ${PRINTED} of ${this.rows.length} events: filters make them fewer.</p>`);
    $("print").innerHTML = all.join("");
    this.arrange(); // the rows have places on the screen again
  }
}

function el(name, text) {
  const e = document.createElement(name);
  e.textContent = text;
  return e;
}

// lines is data as text, with what is no character of it marked.
function lines(bytes) {
  const text = utf8(bytes), odd = text === null ? /([\x00-\x08\x0b-\x1f\x7f-\xff]+|\n)/ : /([\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+|\n)/;
  return (text ?? bytes).split(odd).flatMap((piece, i) => {
    if (i % 2 === 0) return piece ? [piece] : [];
    if (piece === "\n") return [el("i", "\\n"), "\n"];
    return [el("i", Array.from(piece, c => c === "\r" ? "\\r" : c > "\xff" ? "\\u{" + c.codePointAt(0).toString(16) + "}" : "\\" + String(c.charCodeAt(0)).padStart(3, "0")).join(""))];
  });
}

// hexdump is data as hexdump -C has them.
function hexdump(bytes) {
  const out = [];
  for (let i = 0; i < bytes.length; i += 16) {
    const line = bytes.slice(i, i + 16), hex = Array.from(line, c => c.charCodeAt(0).toString(16).padStart(2, "0"));
    out.push(i.toString(16).padStart(8, "0") + "  " + (hex.slice(0, 8).join(" ").padEnd(23) + "  " + hex.slice(8).join(" ").padEnd(23)) + "  |" + line.replace(/[^ -~]/g, ".") + "|");
  }
  return out.join("\n") + "\n" + bytes.length.toString(16).padStart(8, "0");
}

document.addEventListener("DOMContentLoaded", () => { globalThis.ladder = new Page($("events").textContent); });
