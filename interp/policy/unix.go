package policy

import (
	"errors"
	"os"
	"strings"
)

// ConnectUnix reports whether a script may connect or send to the Unix socket at path, by the
// connect rules that start with "unix:". A path that starts with "@" or a zero byte is a name in
// Linux's abstract namespace: a file of such a name is spelled "./@name". The empty path is a
// socket without a name. Links are resolved, and the socket that is really reached is what must
// have a rule. It never waits for more than the file system.
func (c *Checker) ConnectUnix(path string) error {
	_, err := unixCheck(&c.connect, "connect", path)
	return c.allow(err)
}

// ListenUnix reports whether a script may bind a Unix socket to path, by the listen rules that
// start with "unix:". Paths are as for [Checker.ConnectUnix]. The file that binding creates
// needs no rule of the write door; removing it later does.
func (c *Checker) ListenUnix(path string) error {
	_, err := unixCheck(&c.listen, "listen", path)
	return c.allow(err)
}

// OpenUnix is [Checker.ConnectUnix], and on Linux holds on to the socket that it has checked:
// connecting to the path [HeldPath] of the file that it returns, which the caller closes then, follows
// no link that appeared meanwhile. The file is nil where there is nothing to hold on to: everything
// is allowed, the socket has no file, or the system has no such way.
func (c *Checker) OpenUnix(path string) (*os.File, error) {
	key, err := unixCheck(&c.connect, "connect", path)
	if err != nil || key == "" || key[0] == '@' || !canHold() {
		return nil, c.allow(err)
	}
	return hold(key)
}

// unixCheck returns the key of the socket that path is, or "" if everything is allowed.
func unixCheck(d *netDoor, door, path string) (key string, err error) {
	if d.all {
		return "", nil
	}
	if key, err = unixKey(path); err == nil && d.unix[key] {
		return key, nil
	}
	return "", &Denied{Door: door, What: "unix:" + unixName(path), Rule: unixRule(path)}
}

// unixName writes the abstract name of a path with an @ in front, as rules do.
func unixName(path string) string {
	if strings.HasPrefix(path, "\x00") {
		return "@" + path[1:]
	}
	return path
}

// unixKey brings the spellings of one socket together: the abstract name with its @, or the path
// with all links resolved.
//
// The last link is resolved too, since connecting follows it. As rules are resolved only once,
// replacing an allowed socket by a link to another one opens nothing. Binding does not follow
// the last link, but fails where there is one.
func unixKey(path string) (string, error) {
	path = unixName(path)
	switch {
	case path == "":
		return "", errors.New("the socket has no name")
	case path[0] == '@':
		return path, nil
	}
	return resolve(path)
}

// unixRule is the rule that would cover path; sockets that no rule can name need "*".
func unixRule(path string) string {
	path = unixName(path)
	if path == "" || path == "@" || strings.ContainsRune(path, 0) || strings.HasSuffix(path, "/") {
		return everything
	}
	if path[0] != '@' {
		path = spelled(path)
	}
	return "unix:" + path
}
