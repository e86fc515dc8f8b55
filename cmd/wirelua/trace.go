package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"wirelua/interp/trace"
	"wirelua/interp/trace/ladder"
	"wirelua/interp/trace/pcapng"
)

// wire is what the command line wants to have seen of the script's sockets.
type wire struct {
	form   string // of the trace: a key of forms; "" for none
	file   string // where that goes, instead of to standard error
	pcap   string // where a capture goes
	ladder string // where a page goes
}

// forms are those of --trace.
var forms = map[string]func(*sink) trace.Observer{
	"text": func(s *sink) trace.Observer { return trace.Text(s, s.options()...) },
	"hex":  func(s *sink) trace.Observer { return trace.Hex(s, s.options()...) },
	"json": func(s *sink) trace.Observer { return trace.JSON(s) },
}

// define defines the flags that show the wire.
func (w *wire) define(f *pflag.FlagSet) {
	f.VarPF((*form)(&w.form), "trace", "", "print what each socket does, a line each, to standard error; `FORM` is text, hex or json").NoOptDefVal = "text"
	f.Var((*file)(&w.file), "trace-file", "print that to `FILE` instead (- is standard output)")
	f.Var((*file)(&w.pcap), "pcap", "write a capture for Wireshark to `FILE`, TLS connections' keys included (- is standard output: the script's goes to standard error)")
	f.Var((*page)(&w.ladder), "ladder", "write a page for a browser to `FILE.html`: a lane for each end, an arrow for each message")
}

// complete says what is wrong with the flags taken together.
func (w *wire) complete(interactive bool) error {
	switch {
	case w.pcap == "-" && w.file == "-":
		return errors.New("--pcap and --trace-file cannot both write to standard output")
	case w.pcap == "-" && interactive:
		return errors.New("--pcap - writes to standard output, where the prompt is: give it a file")
	}
	return nil
}

// seer is one observer that the command line asks for, and where it writes to.
type seer struct {
	trace.Observer
	out *sink
}

// open returns those that are asked for. Each returns nil when it is not.
func (w *wire) open() (seers, error) {
	var all seers
	for _, open := range []func() (*seer, error){w.trace, w.capture, w.page} {
		s, err := open()
		if err != nil {
			_ = all.end()
			return nil, err
		}
		if s != nil {
			all = append(all, s)
		}
	}
	return all, nil
}

func (w *wire) trace() (*seer, error) {
	if w.form == "" && w.file == "" {
		return nil, nil
	}
	out := &sink{f: os.Stderr, name: "--trace"}
	if w.file != "" {
		var err error
		if out, err = create("--trace-file", w.file); err != nil {
			return nil, err
		}
		out.late = true
	}
	if w.form == "" {
		w.form = "text"
	}
	return &seer{forms[w.form](out), out}, nil
}

func (w *wire) capture() (*seer, error) {
	if w.pcap == "" {
		return nil, nil
	}
	out, err := create("--pcap", w.pcap)
	if err != nil {
		return nil, err
	}
	return &seer{pcapng.New(out), out}, nil
}

func (w *wire) page() (*seer, error) {
	if w.ladder == "" {
		return nil, nil
	}
	out, err := create("--ladder", w.ladder)
	if err != nil {
		return nil, err
	}
	out.late = true
	return &seer{ladder.New(out), out}, nil
}

// seers are all observers of a run.
type seers []*seer

// observer returns them as one; nil when there are none.
func (all seers) observer() trace.Observer {
	var observers []trace.Observer
	for _, s := range all {
		observers = append(observers, s.Observer)
	}
	switch len(observers) {
	case 0:
		return nil
	case 1:
		return observers[0]
	}
	return trace.Multi(observers...)
}

// end writes what is still to be written, and returns the first failure of all that was.
func (all seers) end() (err error) {
	for _, s := range all {
		if e := s.out.Close(); err == nil {
			err = e
		}
	}
	return err
}

// form is the value of --trace.
type form string

func (v *form) Set(s string) error {
	if forms[s] == nil {
		return fmt.Errorf("there is no form %q: it is text, hex or json", s)
	}
	*v = form(s)
	return nil
}

func (v *form) String() string { return string(*v) }
func (v *form) Type() string   { return "form" }

// file is the value of a flag that names a file to be written.
type file string

func (v *file) Set(s string) error {
	switch {
	case s == "":
		return fmt.Errorf("the file's name is empty")
	case strings.HasPrefix(s, "-") && s != "-": // --trace-file -e CODE
		return fmt.Errorf("a file's name does not begin with '-': it seems to be missing (a file can be ./-name)")
	}
	*v = file(s)
	return nil
}

func (v *file) String() string { return string(*v) }
func (v *file) Type() string   { return "file" }

// page is the value of a flag that names a page to be written.
type page string

func (v *page) Set(s string) error {
	if s == "-" {
		return errors.New("a page is a file, which a browser opens: ladder.html")
	}
	return (*file)(v).Set(s)
}

func (v *page) String() string { return string(*v) }
func (v *page) Type() string   { return "file" }
