//go:build linux

package socket_test

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// difference is what differs from Python on purpose.
type difference struct {
	name, why string
	is        func(ops []op, python, ours []any) bool // of the last of ops, of which those are missing that should have made sockets, and failed
	example   []op                                    // its last operation shows it
}

func raised(result []any, codes ...string) bool {
	return result[0] == "error" && slices.Contains(codes, fmt.Sprint(result[1]))
}

func last(ops []op) op { return ops[len(ops)-1] }

func connects(o op) bool { return o[0] == "connect" || o[0] == "connect_ex" }

// had reports whether an operation of this name comes before the last.
func had(ops []op, name string) bool {
	return slices.ContainsFunc(ops[:len(ops)-1], func(o op) bool { return o[0] == name })
}

// closedAfterReadline reports whether another socket than the last operation's was read from by lines, and
// then closed.
func closedAfterReadline(ops []op) bool {
	for i, o := range ops {
		if o[0] == "readline" && o[1] != last(ops)[1] && slices.ContainsFunc(ops[i:], func(c op) bool {
			return fmt.Sprint(c[:2]) == fmt.Sprint(op{"close", o[1]})
		}) {
			return true
		}
	}
	return false
}

func hasTCP(ops []op) bool {
	return slices.ContainsFunc(ops, func(o op) bool {
		return o[0] == "socket" && strings.HasPrefix(o[2].(string), "AF_INET") && o[3] == "SOCK_STREAM"
	})
}

// sameButBytes reports whether the results of two calls that receive differ in which bytes there are, and
// not in how many, nor in what else there is.
func sameButBytes(python, ours []any) bool {
	if python[0] != "ok" || ours[0] != "ok" {
		return false
	}
	return reflect.DeepEqual(lengths(python[1]), lengths(ours[1]))
}

// lengths has of bytes, or of the bytes at the beginning of a list, how many there are.
func lengths(v any) any {
	switch v := v.(type) {
	case string:
		return len([]rune(v)) // the drivers have a character for each
	case []any:
		return append([]any{lengths(v[0])}, v[1:]...)
	}
	return v
}

// bytesOf are the bytes that a call received, which are the first of what recvfrom and recvmsg return.
func bytesOf(v any) string {
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	text, _ := v.(string)
	return text
}

// badPort reports whether an operation's address has a port that is none.
func badPort(o op) bool {
	return slices.ContainsFunc(o, func(v any) bool {
		a, ok := v.([]any)
		return ok && len(a) == 2 && (a[1] == 70000 || a[1] == -1)
	})
}

// lacks reports whether ours is the result that Python's call of poll or select has, but for less of an event.
func lacks(ops []op, python, ours []any, event int) bool {
	if python[0] != "ok" || ours[0] != "ok" {
		return false
	}
	switch last(ops)[0] {
	case "poll":
		theirs, many := polled(python[1].(string), event)
		mine, few := polled(ours[1].(string), event)
		return slices.Equal(theirs, mine) && few < many
	case "select":
		theirs, mine := python[1].([]any), ours[1].([]any) // how many are readable, and writable
		return event == unix.POLLIN && mine[0].(float64) < theirs[0].(float64) && mine[1] == theirs[1]
	}
	return false
}

// polled returns what poll has seen beside an event, and of how many that.
func polled(seen string, event int) (rest []int, with int) {
	for _, field := range strings.Fields(seen) {
		n, _ := strconv.Atoi(field)
		if n&event != 0 {
			with++
		}
		if n &^= event; n != 0 {
			rest = append(rest, n)
		}
	}
	return rest, with
}

var differences = []difference{{
	name: "errors at once",
	why:  "Python's calls with a timeout wait for readiness first, and so for one that cannot come; here they are made first",
	is: func(ops []op, python, ours []any) bool {
		return raised(python, "ETIMEDOUT") && (raised(ours, "EOPNOTSUPP", "EINVAL", "ENOTCONN", "EPIPE") ||
			last(ops)[0] == "sendmsg" && raised(ours, "EBADF")) // of a descriptor that it carries
	},
	example: []op{{"socket", 0, "AF_INET", "SOCK_DGRAM", 0.02}, {"accept", 0, 1, 0}},
}, {
	name: "urgent data that a line was read past",
	why:  "readline reads ahead, and what is beyond the mark takes it away: poll tells of none any more",
	is: func(ops []op, python, ours []any) bool {
		return last(ops)[0] == "poll" && sentUrgent(ops) && lacks(ops, python, ours, unix.POLLPRI) &&
			slices.ContainsFunc(last(ops)[1].([]int), func(r int) bool { return registersOf(ops)[r].description().lined() })
	},
	example: []op{{"pair", 0, 1, "SOCK_STREAM", 0}, {"send", 0, "x\n", []string{"MSG_OOB"}}, {"readline", 1}, {"poll", []int{1}, []int{7}}},
}, {
	name: "a line goes on behind descriptors",
	why:  "Python has no readline of sockets, and what stands for it looks once, which ends where descriptors came",
	is: func(ops []op, python, ours []any) bool {
		return last(ops)[0] == "readline" && raised(python, "EAGAIN", "ETIMEDOUT") && ours[0] == "ok" && had(ops, "sendmsg")
	},
	example: []op{{"pair", 0, 1, "SOCK_STREAM", 0}, {"sendmsg", 0, []string{"f"}, []int{0}, []string{}},
		{"sendmsg", 0, []string{"x\n"}, []int{}, []string{}}, {"readline", 1}},
}, {
	name: "closed before all",
	why:  "Python looks at the other arguments first, and has a ValueError of its own in select",
	is: func(_ []op, python, ours []any) bool {
		return raised(python, "ARG", "EAI_ADDRFAMILY") && (raised(ours, "EBADF") || fmt.Sprint(ours) == "[ok EBADF]")
	},
	example: []op{{"pair", 0, 1, "SOCK_STREAM", 0}, {"close", 0}, {"select", []int{0}, []int{1}}},
}, {
	name: "a failed socket is as good as new",
	why:  "the next connect tries again; after Python's first one with a timeout it says ECONNABORTED",
	is: func(ops []op, python, ours []any) bool {
		return connects(last(ops)) && fmt.Sprint(python[len(python)-1]) == "ECONNABORTED"
	},
	example: []op{{"socket", 0, "AF_INET", "SOCK_STREAM", 0.5}, {"connect", 0, []any{"127.0.0.1", 1}}, {"connect", 0, []any{"127.0.0.1", 1}}},
}, {
	name: "made once",
	why:  "Linux answers a connect after one that was waited for as if it were the first; it is asked for here by the first",
	is: func(ops []op, python, ours []any) bool {
		return connects(last(ops)) && fmt.Sprint(ours[len(ours)-1]) == "EISCONN" && python[0] == "ok"
	},
	example: []op{{"socket", 0, "AF_INET", "SOCK_STREAM", 0}, {"listen", 0, 5},
		{"socket", 1, "AF_INET", "SOCK_STREAM", 0.5}, {"connect", 1, "reg:0"}, {"connect", 1, "reg:0"}},
}, {
	name: "MSG_DONTWAIT and MSG_OOB do not wait",
	why:  "Python waits for a socket's timeout before it hands the flag to the kernel; no kernel waits for urgent data",
	is: func(ops []op, python, ours []any) bool {
		flags := fmt.Sprint(last(ops))
		if !raised(python, "ETIMEDOUT") {
			return false
		}
		// Urgent data may be there, while nothing else is for which Python waits.
		return strings.Contains(flags, "MSG_DONTWAIT") && raised(ours, "EAGAIN") ||
			strings.Contains(flags, "MSG_OOB") && receives(ops) && (raised(ours, "EAGAIN") || ours[0] == "ok" && sentUrgent(ops))
	},
	example: []op{{"pair", 0, 1, "SOCK_STREAM", 0.02}, {"recv", 0, 1, []string{"MSG_DONTWAIT"}}},
}, {
	name: "shutdown says what it takes",
	why:  "Python leaves it to the kernel, whose EINVAL does not",
	is: func(ops []op, python, ours []any) bool {
		return last(ops)[0] == "shutdown" && raised(python, "EINVAL", "ENOTCONN") && raised(ours, "ARG")
	},
	example: []op{{"pair", 0, 1, "SOCK_STREAM", 0}, {"shutdown", 0, 7}},
}, {
	name: "a failed socket is as good as new to recv",
	why:  "it has ENOTCONN, and no end of data",
	is: func(ops []op, python, ours []any) bool {
		return (had(ops, "connect") || had(ops, "connect_ex")) && python[0] == "ok" && raised(ours, "ENOTCONN")
	},
	example: []op{{"socket", 0, "AF_INET", "SOCK_STREAM", 0.5}, {"connect", 0, []any{"127.0.0.1", 1}}, {"recv", 0, 1, []string{}}},
}, {
	name: "a connection begun and made",
	why:  "asking a non-blocking connect again whether the connection is there is no error",
	is: func(ops []op, python, ours []any) bool {
		return last(ops)[0] == "connect" && raised(python, "EISCONN") && ours[0] == "ok"
	},
	example: []op{{"socket", 0, "AF_UNIX", "SOCK_STREAM", 0}, {"bind", 0, "unix:a"}, {"listen", 0, 1},
		{"socket", 1, "AF_UNIX", "SOCK_STREAM", 0}, {"connect", 1, "unix:a"}, {"connect", 1, "unix:a"}},
}, {
	name: "a closed socket makes no file",
	why:  "Python's file of one fails when it is written to",
	is: func(ops []op, python, ours []any) bool {
		return last(ops)[0] == "makefile" && python[0] == "ok" && raised(ours, "EBADF")
	},
	example: []op{{"pair", 0, 1, "SOCK_STREAM", 0}, {"close", 0}, {"makefile", 0, ""}},
}, {
	name: "what was read ahead was read",
	why:  "the kernel resets the connection of who closes with bytes unread; readline has read them",
	is: func(ops []op, python, ours []any) bool {
		return raised(python, "ECONNRESET") && !raised(ours, "ECONNRESET") && closedAfterReadline(ops)
	},
	example: []op{{"pair", 0, 1, "SOCK_STREAM", 0}, {"send", 0, "ab", []string{}}, {"readline", 1}, {"close", 1}, {"recv", 0, 1, []string{}}},
}, {
	name: "what was read ahead was read by one of two",
	why:  "readline has what it read ahead, and dup and fromfd make another socket; so it is with two of Python's files",
	is: func(ops []op, python, ours []any) bool {
		return receives(ops) && linedElsewhere(ops, last(ops)[1].(int)) && python[0] == "ok" &&
			(ours[0] == "ok" || raised(ours, "EAGAIN", "ETIMEDOUT")) // what came later, the end, or nothing
	},
	example: []op{{"pair", 0, 1, "SOCK_STREAM", 0}, {"fromfd", 0, 2, 0}, {"send", 1, "ab", []string{}}, {"readline", 0}, {"recv", 2, 1, []string{}}},
}, {
	name: "what was read ahead makes one of two readable",
	why:  "likewise: who has read ahead has it, and the kernel knows nothing of it for the other",
	is: func(ops []op, python, ours []any) bool {
		asked, _ := last(ops)[1].([]int)
		return slices.ContainsFunc(asked, func(r int) bool { return linedElsewhere(ops, r) }) && lacks(ops, python, ours, unix.POLLIN)
	},
	example: []op{{"pair", 0, 1, "SOCK_STREAM", 0}, {"fromfd", 0, 2, 0}, {"send", 1, "ab", []string{}}, {"readline", 0}, {"select", []int{2}, []int{2}}},
}, {
	name: "what was read ahead comes first",
	why:  "recv gives what there is without asking the kernel for more, as any recv may give a part",
	is: func(ops []op, python, ours []any) bool {
		r, _ := last(ops)[1].(int)
		e := registersOf(ops)[r]
		return receives(ops) && e != nil && e.lines && python[0] == "ok" && ours[0] == "ok" &&
			len(bytesOf(ours[1])) < len(bytesOf(python[1])) && strings.HasPrefix(bytesOf(python[1]), bytesOf(ours[1]))
	},
	example: []op{{"pair", 0, 1, "SOCK_STREAM", 0}, {"send", 1, "ab", []string{}}, {"readline", 0}, {"send", 1, "c\n", []string{}}, {"recv", 0, 5, []string{}}},
}, {
	name: "a reset is no end of a line",
	why:  "what stands for readline in Python looks once, and sees the rest before the reset; a file's readline there fails, too",
	is: func(ops []op, python, ours []any) bool {
		return last(ops)[0] == "readline" && python[0] == "ok" && raised(ours, "ECONNRESET")
	},
	example: []op{{"pair", 0, 1, "SOCK_STREAM", 0}, {"send", 0, "unread", []string{}}, {"send", 1, "a", []string{}}, {"close", 1}, {"readline", 0}},
}, {
	name: "nothing of a closed socket",
	why:  "Python does not look whether the socket is open when no bytes are asked for",
	is: func(ops []op, python, ours []any) bool {
		return last(ops)[0] == "recv" && python[0] == "ok" && raised(ours, "EBADF")
	},
	example: []op{{"pair", 0, 1, "SOCK_STREAM", 0}, {"close", 0}, {"recv", 0, 0, []string{}}},
}, {
	name: "nothing is there at once",
	why:  "recvfrom is as recv, which waits for no bytes in Python, either",
	is: func(ops []op, python, ours []any) bool {
		return last(ops)[0] == "recvfrom" && last(ops)[2] == 0 && python[0] == "error" && ours[0] == "ok"
	},
	example: []op{{"pair", 0, 1, "SOCK_STREAM", 0}, {"recvfrom", 0, 0, []string{}}},
}, {
	name: "bytes that nobody wrote",
	why:  "with MSG_TRUNC the kernel tells of bytes that it did not copy, which Python makes up",
	is: func(ops []op, python, ours []any) bool {
		return strings.Contains(fmt.Sprint(last(ops)), "MSG_TRUNC") && hasTCP(ops) && sameButBytes(python, ours)
	},
	example: []op{{"socket", 0, "AF_INET", "SOCK_STREAM", 0.5}, {"bind", 0, "inet:127.0.0.1"}, {"listen", 0, 1},
		{"socket", 1, "AF_INET", "SOCK_STREAM", 0.5}, {"connect", 1, "reg:0"}, {"accept", 0, 0, 0.5},
		{"send", 0, "abc", []string{}}, {"recv", 1, 3, []string{"MSG_PEEK", "MSG_TRUNC"}}},
}, {
	name: "the port first",
	why:  "of an address that is wrong twice Python names the host, and here it is the port, which needs no look-up",
	is: func(ops []op, python, ours []any) bool {
		return badPort(last(ops)) && raised(python, "EAI_ADDRFAMILY") && raised(ours, "ARG")
	},
	example: []op{{"socket", 0, "AF_INET6", "SOCK_DGRAM", 0}, {"connect", 0, []any{"127.0.0.1", -1}}},
}, {
	name: "an address of another family is an argument",
	why:  "Python looks its host up, whose family it has noticed by then",
	is: func(ops []op, python, ours []any) bool {
		return namesAnotherFamily(ops) && fmt.Sprint(python[len(python)-1]) == "EAI_ADDRFAMILY" && raised(ours, "ARG")
	},
	example: []op{{"socket", 0, "AF_INET", "SOCK_DGRAM", 0}, {"socket", 1, "AF_INET6", "SOCK_DGRAM", 0}, {"bind", 1, "reg:0"}},
}, {
	name: "numbers of descriptors",
	why:  "-1 is none, whoever has it",
	is: func(ops []op, python, ours []any) bool {
		return last(ops)[0] == "fromfd" && raised(python, "EBADF") && raised(ours, "ARG")
	},
	example: []op{{"pair", 0, 1, "SOCK_STREAM", 0}, {"close", 0}, {"fromfd", 0, 1, 0}},
}, {
	name: "nothing is sent of nothing",
	why:  "sendall of no bytes asks the kernel of a stream nothing, and so hears no error",
	is: func(ops []op, python, ours []any) bool {
		return last(ops)[0] == "sendall" && last(ops)[2] == "" && python[0] == "error" && ours[0] == "ok"
	},
	example: []op{{"socket", 0, "AF_UNIX", "SOCK_STREAM", 0}, {"sendall", 0, ""}},
}, {
	name: "fromfd tells the protocol",
	why:  "Python notes what it was given, 0 when nothing was; here that is read off the descriptor",
	is: func(ops []op, python, ours []any) bool {
		return last(ops)[0] == "kind" && had(ops, "fromfd") && strings.HasSuffix(fmt.Sprint(python), " 0]]")
	},
	example: []op{{"socket", 0, "AF_INET", "SOCK_STREAM", 0}, {"fromfd", 0, 1, 0}, {"kind", 1}},
}, {
	name: "an end at once",
	why:  "as errors: Python waits until the descriptor is readable, which who is not connected is not, and recv would have told the end",
	is: func(ops []op, python, ours []any) bool {
		return had(ops, "shutdown") && raised(python, "ETIMEDOUT") && ours[0] == "ok"
	},
	example: []op{{"socket", 0, "AF_UNIX", "SOCK_DGRAM", 0.02}, {"shutdown", 0, "SHUT_RD"}, {"recvfrom", 0, 3, []string{}}},
}, {
	name: "no bytes of an option",
	why:  "Python's buflen of 0 asks for the integer, for which one leaves it out",
	is: func(ops []op, python, ours []any) bool {
		return last(ops)[0] == "getsockbytes" && last(ops)[4] == 0 && raised(ours, "ARG")
	},
	example: []op{{"pair", 0, 1, "SOCK_STREAM", 0}, {"getsockbytes", 0, "SOL_SOCKET", "SO_TYPE", 0}},
}}

// meant returns the difference that this is; nil when it is a fault.
func meant(ops []op, python []any, ours []any) *difference {
	ops = withoutFailed(ops, python)
	for i := range differences {
		if differences[i].is(ops, python[len(python)-1].([]any), ours) {
			return &differences[i]
		}
	}
	return nil
}

// A difference that is no more is to go from the table.
func TestDifferentialMeant(t *testing.T) {
	both := newBoth(t)
	for _, d := range differences {
		python, ours := both.run(d.example, 0.01)
		last := len(python) - 1
		if reflect.DeepEqual(python[last], ours[last]) || !d.is(withoutFailed(d.example, python), python[last].([]any), ours[last].([]any)) {
			t.Errorf("%s: Python has %v, wirelua %v, which is not the difference", d.name, python, ours)
		}
	}
}
