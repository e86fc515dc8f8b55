//go:build unix

package sys

import (
	"cmp"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
)

// Keeper keeps what the scripts of one interpreter listen on, open, for the next interpreter's: listening
// sockets, and those of datagrams that are bound and not connected. There it takes the place of the socket that is
// bound to the same address, as it was asked for, so that a port that the system chose stays. Connections
// that are made meanwhile wait in its queue. The zero value is ready to be used, by any goroutine.
type Keeper struct {
	ending atomic.Bool
	mu     sync.Mutex
	kept   []*kept
}

// kept is a socket that was closed, but for this copy of it.
type kept struct {
	spot
	fd     int
	number uint64 // in which order they came to be
	kin    *kin
	at     addr.Addr // where it really is bound
	file   fs.FileInfo
	link   string // another name of a Unix socket's file; "" for none
}

// spot is what a socket was bound to.
type spot struct {
	family, typ, proto int
	only               int // IPV6_V6ONLY
	ip                 netip.Addr
	scope              uint32
	port               int // as it was asked for: 0 is any
	path               string
}

// tenancy is what a Keeper has to know of a socket of an interpreter that has one.
type tenancy struct {
	at  spot                 // once it is bound
	set []func(fd int) error // its options, again
}

// Attach has an interpreter's sockets kept when it ends, and those used there that were kept. It is called before
// scripts run.
func (k *Keeper) Attach(host *interp.Interpreter) {
	in := host.Engine()
	k.ending.Store(false)
	in.WithTurn(func() { NetOf(in).keeper = k })
}

// Ending says that the interpreter's end has begun: what is closed from here on is kept. What its scripts
// have closed before is not.
func (k *Keeper) Ending() { k.ending.Store(true) }

// Drop closes what is kept and nobody has taken.
func (k *Keeper) Drop() { k.drop(func(*kept) bool { return true }) }

// drop closes those that which tells, and reports whether there were any.
func (k *Keeper) drop(which func(*kept) bool) (any bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept = slices.DeleteFunc(k.kept, func(c *kept) bool {
		if !which(c) {
			return false
		}
		any = true
		c.close()
		return true
	})
	return any
}

func (c *kept) close() {
	discard(c.fd)
	if c.link != "" {
		_ = os.Remove(c.link)
	}
}

// keep keeps a socket that is about to be closed, if it is one to be kept.
func (k *Keeper) keep(f *FD) {
	if k == nil || !k.ending.Load() || f.tenancy == nil || !f.bound || !listens(f.fd, f.Type) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if f.kin != nil && slices.ContainsFunc(k.kept, func(c *kept) bool { return c.kin == f.kin }) {
		return // a copy of it is
	}
	at, err := f.Sockname()
	if err != nil || at == nil {
		return
	}
	fd, err := dup(f.fd)
	if err != nil {
		return
	}
	c := &kept{spot: f.tenancy.at, fd: fd, number: f.number, kin: f.kin, at: *at}
	c.hold()
	k.kept = append(k.kept, c)
	slices.SortStableFunc(k.kept, func(a, b *kept) int { return cmp.Compare(a.number, b.number) })
}

// listens reports whether others can reach a socket that was bound without its having been connected.
func listens(fd, typ int) bool {
	if typ == unix.SOCK_DGRAM {
		_, err := unix.Getpeername(fd)
		return err == unix.ENOTCONN
	}
	n, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	return err == nil && n != 0
}

// hold gives the file of a Unix socket a second name. Scripts remove the file before they bind: by that name
// it can be put back.
func (c *kept) hold() {
	if !c.isFile() {
		return
	}
	c.file, _ = os.Lstat(c.path)
	link := filepath.Join(filepath.Dir(c.path), "."+filepath.Base(c.path)+".kept")
	if old, err := os.Lstat(link); err == nil && old.Mode()&fs.ModeSocket != 0 {
		_ = os.Remove(link) // of a process that was killed
	}
	if c.file != nil && os.Link(c.path, link) == nil {
		c.link = link
	}
}

func (c *kept) isFile() bool { return c.family == unix.AF_UNIX && c.path != "" && c.path[0] != 0 }

// restore reports whether the file of a Unix socket is where it was, where it is put when there is none.
func (c *kept) restore() bool {
	if !c.isFile() {
		return true
	}
	info, err := os.Lstat(c.path)
	switch {
	case c.file == nil:
		return false
	case err == nil:
		return os.SameFile(info, c.file)
	case !errors.Is(err, fs.ErrNotExist) || c.link == "" || os.Rename(c.link, c.path) != nil:
		return false
	}
	c.link = ""
	return true
}

// bind binds a socket to a, or makes it the one that was kept of there.
func (k *Keeper) bind(f *FD, fd int, a *addr.Addr) error {
	if k == nil {
		return bind(fd, a.Sockaddr())
	}
	p := f.spotAt(fd, a)
	if k.take(f, fd, p) {
		f.tenant().at = p
		return nil
	}
	err := bind(fd, a.Sockaddr())
	if err == unix.EADDRINUSE && k.drop(func(c *kept) bool { return c.typ == f.Type && c.at.Port == a.Port && c.at.Path == a.Path }) {
		err = bind(fd, a.Sockaddr()) // the next run listens at fewer addresses, say, or at more
	}
	if err == nil && a.Other == nil {
		f.tenant().at = p
	}
	return err
}

// tenant returns what is noted for a Keeper.
func (f *FD) tenant() *tenancy {
	if f.tenancy == nil {
		f.tenancy = new(tenancy)
	}
	return f.tenancy
}

func (f *FD) spotAt(fd int, a *addr.Addr) spot {
	p := spot{f.Family, f.Type, f.Proto, 0, a.IP, a.Scope, a.Port, a.Path}
	if f.Family == unix.AF_INET6 {
		p.only, _ = unix.GetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY)
	}
	return p
}

// take makes a new socket the one that was kept of a place: by its number it is that from here on, with the options
// that were set on it. It does nothing for a socket that has copies, or is watched: these would stay the new one.
func (k *Keeper) take(f *FD, fd int, p spot) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	i := slices.IndexFunc(k.kept, func(c *kept) bool { return c.spot == p })
	if i < 0 || f.bound || f.kin != nil || f.shared.Load() || f.polls > 0 {
		return false
	}
	c := k.kept[i]
	if !c.restore() || f.become(c.fd) != nil {
		return false
	}
	k.kept = slices.Delete(k.kept, i, i+1)
	c.close()
	for _, set := range f.tenant().set {
		_ = set(fd) // some can be set before bind(2) alone, when they had been
	}
	return true
}

// become has f's number mean what fd does.
func (f *FD) become(fd int) error {
	f.num.mu.Lock()
	defer f.num.mu.Unlock()
	f.desc.Forget(false)
	f.desc = f.net.in.NewDesc(f.fd)
	if err := replace(fd, f.fd); err != nil {
		return err
	}
	return unix.SetNonblock(f.fd, true)
}

// set sets an option of f's, and notes it for a socket that may take f's place.
func (f *FD) set(fd int, option func(fd int) error) error {
	err := option(fd)
	if err == nil && f.net.keeper != nil && !f.bound {
		t := f.tenant()
		t.set = append(t.set, option)
	}
	return err
}
