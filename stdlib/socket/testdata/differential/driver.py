"""Runs sequences of socket operations, one JSON line each, and answers their results.

driver.lua does the same by wirelua's socket: a function here has its twin there.
"""
import ctypes, errno, json, os, select, shutil, socket, struct, sys, tempfile, time

C = {n: int(getattr(socket, n)) for n in dir(socket) if n.isupper() and isinstance(getattr(socket, n), int)}
EAI = {getattr(socket, n): n for n in dir(socket) if n.startswith("EAI_")}
libc = ctypes.CDLL(None, use_errno=True)
SAME = {"EWOULDBLOCK": "EAGAIN", "ENOTSUP": "EOPNOTSUPP"}


class World:
    def __init__(self, settle):
        self.settle, self.regs, self.ports = settle, {}, {}
        self.dir = tempfile.mkdtemp(prefix="wl")

    def end(self):
        for s in self.regs.values():
            s.close()
        shutil.rmtree(self.dir)

    def put(self, reg, s, timeout):
        s.settimeout(timeout)
        if reg in self.regs:
            self.regs[reg].close()
        self.regs[reg] = s

    def addr(self, spec):
        """An address: "unix:name", "inet:host", "reg:n", whose name it is, or a literal."""
        kind, _, rest = spec.partition(":") if isinstance(spec, str) else ("", "", "")
        if kind == "unix":
            return os.path.join(self.dir, rest)
        if kind == "inet":
            return (rest, 0)
        if kind == "reg":
            s = self.regs[int(rest)]
            return s.getsockname() if s.fileno() >= 0 else os.path.join(self.dir, "gone")
        return tuple(spec) if isinstance(spec, list) else spec

    def show(self, a):
        if isinstance(a, bytes):
            return "abstract"
        if not isinstance(a, tuple):
            return a.replace(self.dir, "D") if a else ""
        if a[1] == 0:
            return a[0] + " 0"
        return "%s P%d" % (a[0], self.ports.setdefault(a[1], len(self.ports) + 1))


def text(data):
    return data.decode("latin-1")


def number(v):
    return C[v] if isinstance(v, str) else v


def flags(names):
    return sum(C[n] for n in names)


def cut(data, n):
    return text(data[:n])  # with MSG_TRUNC Python has bytes that nobody wrote


class Ops:
    def socket(w, r, fam, typ, t):
        w.put(r, socket.socket(C[fam], C[typ]), t)

    def pair(w, r, q, typ, t):
        a, b = socket.socketpair(socket.AF_UNIX, C[typ])
        w.put(r, a, t), w.put(q, b, t)

    def bind(w, r, a): w.regs[r].bind(w.addr(a))
    def listen(w, r, n): w.regs[r].listen(n)
    def connect(w, r, a): w.regs[r].connect(w.addr(a))

    def connect_ex(w, r, a):
        n = w.regs[r].connect_ex(w.addr(a))
        return errno.errorcode[n] if n else "0"

    def accept(w, r, q, t):
        s, a = w.regs[r].accept()
        shown = w.show(a)
        w.put(q, s, t)
        return shown

    def send(w, r, d, f): return w.regs[r].send(d.encode("latin-1"), flags(f))
    def sendall(w, r, d): w.regs[r].sendall(d.encode("latin-1"))
    def sendto(w, r, d, f, a): return w.regs[r].sendto(d.encode("latin-1"), flags(f), w.addr(a))

    def recv(w, r, n, f):
        return cut(w.regs[r].recv(n, flags(f)), n)

    def recvfrom(w, r, n, f):
        d, a = w.regs[r].recvfrom(n, flags(f))
        stream = w.regs[r].type == socket.SOCK_STREAM
        return [cut(d, n), "" if stream or a is None else w.show(a)]

    def sendmsg(w, r, pieces, fds, f):
        anc = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("%di" % len(fds), *[w.regs[x].fileno() for x in fds]))] if fds else []
        return w.regs[r].sendmsg([p.encode("latin-1") for p in pieces], anc, flags(f))

    def recvmsg(w, r, n, m, f):
        d, anc, fl, a = w.regs[r].recvmsg(n, m, flags(f))
        count = 0
        for level, typ, data in anc:
            for i in range(len(data) // 4):
                os.close(struct.unpack_from("i", data, 4 * i)[0])
                count += 1
        return [cut(d, n), count, fl & (C["MSG_TRUNC"] | C["MSG_CTRUNC"] | C["MSG_EOR"])]

    def shutdown(w, r, how): w.regs[r].shutdown(number(how))
    def close(w, r): w.regs[r].close()

    def detach(w, r):
        fd = w.regs[r].detach()
        if fd >= 0:
            os.close(fd)
        return fd >= 0

    def dup(w, r, q, t): w.put(q, w.regs[r].dup(), t)
    def fromfd(w, r, q, t): w.put(q, socket.fromfd(w.regs[r].fileno(), w.regs[r].family, w.regs[r].type), t)
    def fileno(w, r): return w.regs[r].fileno() >= 0
    def settimeout(w, r, t): w.regs[r].settimeout(t)
    def gettimeout(w, r): return w.regs[r].gettimeout()
    def setblocking(w, r, b): w.regs[r].setblocking(b)
    def getblocking(w, r): return w.regs[r].getblocking()
    def getsockopt(w, r, level, name): return w.regs[r].getsockopt(number(level), number(name))

    def getsockbytes(w, r, level, name, n):
        v = w.regs[r].getsockopt(number(level), number(name), n)
        return v.hex() if isinstance(v, bytes) else v


    def setsockopt(w, r, level, name, v):
        w.regs[r].setsockopt(number(level), number(name), v.encode("latin-1") if isinstance(v, str) else v)

    def getsockname(w, r): return w.show(w.regs[r].getsockname())
    def getpeername(w, r): return w.show(w.regs[r].getpeername())
    def kind(w, r): return [int(w.regs[r].family), int(w.regs[r].type), w.regs[r].proto]

    def select(w, rs, ws):
        got = select.select([w.regs[x] for x in rs], [w.regs[x] for x in ws], [], 0)
        return [len(got[0]), len(got[1])]

    def poll(w, rs, masks):
        p = select.poll()
        for x, mask in zip(rs, masks):
            p.register(w.regs[x], mask)
        return " ".join(str(seen) for _, seen in p.poll(0))

    def disconnect(w, r):
        s = w.regs[r]
        if s.type == socket.SOCK_DGRAM and libc.connect(s.fileno(), bytes(16), 16):
            raise OSError(ctypes.get_errno(), "connect")

    def readline(w, r):
        s = w.regs[r]
        if s.type != socket.SOCK_STREAM:
            return "no lines"
        seen = s.recv(65536, socket.MSG_PEEK)
        end = seen.find(b"\n")
        if end >= 0:
            line = text(s.recv(end + 1))[:-1]
            return line[:-1] if line.endswith("\r") else line
        p = select.poll()
        p.register(s, select.POLLRDHUP)
        if not seen or p.poll(0):
            return text(s.recv(65536)) or "end"
        raise BlockingIOError(errno.EAGAIN, "") if s.gettimeout() == 0 else TimeoutError("timed out")

    def makefile(w, r, d):
        f = w.regs[r].makefile("wb")
        f.write(d.encode("latin-1"))
        f.close()


def code(e):
    if isinstance(e, socket.gaierror):
        return EAI.get(e.errno, str(e.errno))
    if isinstance(e, OSError):
        name = errno.errorcode.get(e.errno)
        return "ETIMEDOUT" if name is None and isinstance(e, TimeoutError) else SAME.get(name, name) or "ARG"
    if isinstance(e, (TypeError, ValueError, OverflowError)):
        return "ARG"
    return "BUG %r" % e


def do(w, o):
    try:
        v = getattr(Ops, o[0])(w, *o[1:])
        return ["ok"] if v is None else ["ok", v]
    except KeyError:
        return ["none"]  # no socket in that register
    except Exception as e:
        return ["error", code(e)]
    finally:
        time.sleep(w.settle)


for line in sys.stdin:
    order = json.loads(line)
    w = World(order["settle"])
    print(json.dumps([do(w, o) for o in order["ops"]]), flush=True)
    w.end()
