"use strict";
// What the lines of the observer mean: which calls there were, between which ends, and which
// received what another one had sent.

// parse reads the lines. The last one of a run that was killed may be cut off.
function parse(text) {
  const events = [];
  let cut = false;
  for (const line of text.split("\n")) {
    if (!line) continue;
    try { events.push(JSON.parse(line)); } catch { cut = true; }
  }
  return { events, cut };
}

const PEEK = 2, OOB = 1; // as on every system
const isSend = e => e.op === "send" || e.op === "sendmsg";
const isRecv = e => e.op === "recv" || e.op === "recvmsg";
const isPeek = e => isRecv(e) && (e.flags & PEEK) !== 0;
const isInet = network => /^(tcp|udp)/.test(network || "");
const isGram = s => s.type === "SOCK_DGRAM" || /^(udp|unixgram)/.test(s.network || "");
// Not ready yet is no failure to those who asked only whether it is.
const notYet = e => e.error === "EAGAIN" || e.error === "EWOULDBLOCK" || e.error === "EINPROGRESS";

// plain is an address as all ends of a conversation spell it.
const plain = address => (address || "").replace(/^\[::ffff:(\d+\.\d+\.\d+\.\d+)\]/i, "$1");
const port = address => /:(\d+)$/.exec(address || "")?.[1] ?? "";
const anyHost = address => /^(0\.0\.0\.0|\[::\]):/.test(address || "");
const toMany = address => /^(2(2[4-9]|3\d)\.|255\.255\.255\.255|\[ff)/i.test(address || "");

// raw is an event's data, a character for each byte.
function raw(e, most) {
  if (!e.data) return "";
  return atob(most === undefined ? e.data : e.data.slice(0, 4 * Math.ceil(most / 3))).slice(0, most);
}

// Model is all that is known of a run. ends are what lanes are for: a server with all connections
// that it accepted, a client, one of a pair, an address outside. conns are one end of a connection
// each. links lead from an event to one that happened because of it.
class Model {
  constructor(events) {
    this.events = events;
    this.sockets = new Map();
    this.conns = [];
    this.ends = [];
    this.outside = new Map();
    this.links = [];
    let last = 0;
    events.forEach((e, i) => {
      e.i = i;
      e.t = last = Math.max(last, e.time || 0);
      e.in = []; e.out = [];
      e.bytes ??= 0;
    });
    this.meet();
    this.settle();
    for (const c of this.conns) if (c.peer && !c.gram) this.join(c);
    this.deliver();
    this.finish();
  }

  socket(run, number, e) {
    const key = (run || 0) + "/" + number;
    let s = this.sockets.get(key);
    if (!s) {
      s = { key, number, network: e.network, type: e.type, family: e.family, local: "", remote: "", first: e };
      s.conn = { socket: s, sent: [], got: [], peer: null, end: null, accepted: null, first: e };
      this.conns.push(s.conn);
      this.sockets.set(key, s);
    }
    return s;
  }

  // meet finds the sockets, their addresses, and which are the two ends of something.
  meet() {
    const waiting = new Map(), open = new Map();
    let half = null;
    for (const e of this.events) {
      if (!e.socket) { half = null; continue; }
      const s = e.s = this.socket(e.run, e.socket, e);
      s.conn.gram = isGram(s);
      const made = e.new && e.new !== e.socket ? this.socket(e.run, e.new, e) : null;
      if (e.op === "accept" && !e.error && made) {
        made.local = plain(e.local); made.remote = plain(e.peer);
        made.conn.accepted = e;
        made.conn.listener = s.conn;
        const queue = waiting.get(s.local);
        if (queue?.length) marry(made.conn, queue.shift());
      } else if (e.op === "dup" && made) {
        made.conn = s.conn;
        made.local = s.local; made.remote = s.remote;
      } else if (!e.error) {
        if (e.local) s.local = plain(e.local);
        if (e.peer && (!isGram(s) || e.op === "connect")) s.remote = plain(e.peer);
      }
      if (e.op === "listen" && !e.error) {
        s.conn.listens = true;
        if (!isInet(s.network)) waiting.set(s.local, []);
      }
      if (e.op === "connect") {
        if (!e.error || !s.conn.called) s.conn.called = e; // that it is under way is told before
        if (!e.error && !isInet(s.network) && !isGram(s)) waiting.get(s.remote)?.push(s.conn);
      }
      if (e.op === "socketpair" && !e.error) {
        if (half && half !== s) { marry(s.conn, half.conn); half = null; } else half = s;
        s.conn.pair = true;
      } else half = null;
      for (const each of made ? [made, s] : [s]) this.find(each, open);
    }
  }

  // find has the two ends of a connection find each other by their addresses. These are used again in
  // time: the latest that is alone is meant.
  find(s, open) {
    const c = s.conn;
    if (c.peer || c.sought || c.listens || isGram(s) || !isInet(s.network) || !s.local || !s.remote) return;
    c.sought = true;
    const other = open.get(s.remote + " " + s.local);
    if (other && !other.peer) marry(c, other);
    else open.set(s.local + " " + s.remote, c);
  }

  // settle gives each connection's end a lane, and each event the two lanes that it is between.
  settle() {
    const byPort = this.byPort = new Map();
    for (const s of this.sockets.values()) {
      const c = s.conn;
      if (!c.end) {
        c.end = c.listener?.end ?? this.end(role(c), c.socket.network, c.first);
        c.end.conns.push(c);
      }
      if (!c.end.address || anyHost(c.end.address) && c.listens) c.end.address = s.local;
      if (s.local && isInet(s.network) && !c.accepted) byPort.set(s.network.slice(0, 3) + port(s.local), c.end);
      if (s.local && !isInet(s.network) && !c.accepted) byPort.set(s.local, c.end);
    }
    for (const e of this.events) {
      e.end = e.s?.conn.end ?? null;
      if (e.end && e.thread) e.end.threads.add(e.thread);
      if (e.end) e.conn = (e.op === "accept" && e.new && !e.error ? this.socket(e.run, e.new, e) : e.s).conn;
      e.bad = !!e.error && !notYet(e);
    }
  }

  end(role, network, first) {
    const end = { role, network, first, address: "", conns: [], threads: new Set(), n: this.ends.length, out: false };
    this.ends.push(end);
    return end;
  }

  // beyond returns the lane of an address that is none of the script's sockets, or of one that is.
  beyond(c, address) {
    address = plain(address) || c.socket.remote;
    const network = c.socket.network;
    const own = this.byPort.get(isInet(network) ? network.slice(0, 3) + port(address) : address);
    if (own && own !== c.end && (!isInet(network) || own.address === address || anyHost(own.address))) return own;
    const key = address ? network + " " + address : "of " + c.socket.key;
    let end = this.outside.get(key);
    if (!end) {
      end = this.end(c.accepted ? "client" : c.gram ? "peer" : "server", network, c.first);
      end.address = address; end.out = true;
      this.outside.set(key, end);
    }
    return end;
  }

  link(kind, from, to, bytes) {
    const link = { kind, from, to, bytes };
    from.out.push(link); to.in.push(link);
    this.links.push(link);
    return link;
  }

  // join follows the bytes of a stream from the sends at c to where they were received, by layers:
  // TLS has a stream of its own.
  join(c) {
    const of = (conn, moves) => this.of(conn).filter(e => moves(e) && e.bytes > 0 && !isPeek(e) && e.s);
    for (const layer of ["socket", "tls"]) {
      const sends = of(c, e => isSend(e) && e.layer === layer), recvs = of(c.peer, e => isRecv(e) && e.layer === layer && !(e.flags & OOB));
      let i = 0, at = 0;
      for (const r of recvs) {
        for (let had = 0; had < r.bytes && i < sends.length;) {
          const s = sends[i], n = s.bytes - (s.flags & OOB ? 1 : 0), take = Math.min(n - at, r.bytes - had);
          if (take > 0 && !sameBytes(s, at, r, had, take)) { i = sends.length; break; } // another process has read, too
          if (take > 0) this.link("data", s, r, take);
          at += take; had += take;
          if (at >= n) { i++; at = 0; }
        }
      }
    }
    const said = this.of(c).find(e => !e.error && (e.op === "close" || e.op === "shutdown" && e.flags !== 0));
    const made = c.peer.accepted;
    if (c.called && made) this.link("connect", c.called, made, 0);
    if (!said) return;
    const heard = this.of(c.peer).find(e => isRecv(e) && !isPeek(e) && e.i > said.i && (e.error === "ECONNRESET" || !e.error && e.bytes === 0 && e.size > 0) ||
      e.error === "EPIPE" && e.i > said.i && said.op === "close");
    if (heard) this.link(heard.error ? "reset" : "end", said, heard, 0);
  }

  // of returns a connection's events.
  of(c) {
    if (!this.byConn) {
      this.byConn = new Map();
      for (const e of this.events) {
        if (!e.conn) continue;
        const list = this.byConn.get(e.conn);
        if (list) list.push(e); else this.byConn.set(e.conn, [e]);
      }
    }
    return this.byConn.get(c) ?? [];
  }

  receives(c) { return c.received ??= this.of(c).some(e => isRecv(e) && e.bytes > 0 && !isPeek(e)); }

  // deliver finds out which call received a datagram that another had sent.
  deliver() {
    const onWay = new Map();
    for (const e of this.events) {
      if (!e.conn?.gram || e.error || isPeek(e)) continue;
      const s = e.s, pair = s.conn.peer;
      const key = (from, to) => isInet(s.network) ? port(from) + ">" + port(to) : to;
      if (isSend(e)) {
        const k = pair ? "of " + pair.socket.key : key(e.local, e.peer);
        if (onWay.has(k)) onWay.get(k).push(e); else onWay.set(k, [e]);
      } else if (isRecv(e)) {
        const all = onWay.get(pair ? "of " + s.conn.socket.key : key(e.peer, e.local)) ?? [];
        const i = all.findIndex(sent => sent.data === e.data || e.bytes === e.size && raw(sent, e.bytes) === raw(e));
        if (i < 0) continue;
        this.link("data", all[i], e, e.bytes);
        if (!toMany(all[i].peer)) all.splice(i, 1);
      }
    }
  }

  // finish finds the other lane of what has no event there.
  finish() {
    for (const e of this.events) {
      const c = e.conn;
      if (!c || notYet(e) || e.out.length + e.in.length > 0) continue;
      const moves = (isSend(e) || isRecv(e)) && !e.error && (e.bytes > 0 || c.gram || e.size > 0 && isRecv(e));
      const calls = e.op === "connect" || e.op === "accept" && !e.error;
      const resets = e.error === "ECONNRESET";
      if (!moves && !calls && !resets) continue;
      e.other = c.peer?.end ?? this.beyond(c, e.peer);
      // Whether it was received can be told of those who receive: another process may have the other end.
      e.lost = isSend(e) && moves && !e.other.out && (c.peer ? [c.peer] : e.other.conns).some(c => this.receives(c));
    }
  }
}

function marry(a, b) { a.peer = b; b.peer = a; }

function role(c) {
  if (c.listens || c.accepted) return "server";
  if (c.pair) return "pair";
  if (c.gram) return "socket";
  return c.called || c.socket.remote ? "client" : "socket";
}

// sameBytes compares some bytes that were sent with what was received, if that is in the page.
function sameBytes(s, at, r, had, n) {
  if (!s.data || !r.data) return true;
  n = Math.min(n, 24);
  return part(s, at, n) === part(r, had, n);
}

// part is n bytes of an event's data, without decoding all of them.
function part(e, at, n) {
  const skip = at % 3, from = (at - skip) / 3 * 4;
  return atob(e.data.slice(from, from + 4 * Math.ceil((skip + n) / 3))).slice(skip, skip + n);
}

// shown is data as Lua would read them back, as far as they fit.
function shown(bytes, most) {
  let out = "";
  const text = utf8(bytes);
  for (const c of text ?? bytes) {
    const code = c.codePointAt(0);
    out += c === "\n" ? "\\n" : c === "\r" ? "\\r" : c === "\t" ? "\\t" : c === '"' ? '\\"' : c === "\\" ? "\\\\" :
      code < 32 || code === 127 || text === null && code > 126 ? "\\" + String(code).padStart(3, "0") :
      /\p{C}|\p{Zl}|\p{Zp}/u.test(c) ? "\\u{" + code.toString(16) + "}" : c;
    if (out.length > most) return out.slice(0, Math.max(0, most - 1)) + "…";
  }
  return out;
}

// utf8 is what bytes mean as UTF-8, null when they are none. A character may be cut off at the end.
function utf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes, c => c.charCodeAt(0)), { stream: true });
  } catch { return null; }
}

function span(seconds) {
  const ms = seconds * 1000;
  return ms < 10 ? ms.toFixed(2) + " ms" : ms < 1000 ? ms.toFixed(0) + " ms" : seconds < 100 ? seconds.toFixed(2) + " s" : seconds.toFixed(0) + " s";
}

// size says how much in words.
const count = (n, word) => n.toLocaleString("en") + " " + word + (n === 1 ? "" : "s");
const short = end => !anyHost(end.address) ? end.address : end.role === "client" ? "" : ":" + port(end.address);

// label names an end: "server 127.0.0.1:8080".
function label(end) {
  const number = end.conns[0]?.socket.number;
  return end.role + " " + (short(end) || (number ? "#" + number : "(" + (end.network || "unnamed") + ")"));
}
