package policy

import (
	"errors"
	"strings"
)

// ConnectUnix reports whether a script may connect or send to the Unix socket at path, by the
// connect rules that start with "unix:". A path that starts with "@" or a zero byte is a name in
// Linux's abstract namespace: a file of such a name is spelled "./@name". The empty path is a
// socket without a name. Links are resolved, and the socket that is really reached is what must
// have a rule. It never waits for more than the file system.
func (c *Checker) ConnectUnix(path string) error {
	return c.allow(unixCheck(&c.connect, "connect", path))
}

// ListenUnix reports whether a script may bind a Unix socket to path, by the listen rules that
// start with "unix:". Paths are as for [Checker.ConnectUnix]. The file that binding creates
// needs no rule of the write door; removing it later does.
func (c *Checker) ListenUnix(path string) error {
	return c.allow(unixCheck(&c.listen, "listen", path))
}

func unixCheck(d *netDoor, door, path string) error {
	if d.all {
		return nil
	}
	socket, err := unixKey(path)
	if err == nil && d.unix[socket] {
		return nil
	}
	return &Denied{Door: door, What: "unix:" + unixName(path), Rule: unixRule(path)}
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
