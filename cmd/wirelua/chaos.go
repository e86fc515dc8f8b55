package main

import (
	"github.com/spf13/pflag"

	"wirelua/interp/chaos"
)

// disturbed is the value of --chaos.
type disturbed struct{ chaos.Spec }

func (d *disturbed) define(f *pflag.FlagSet) {
	f.Var(d, "chaos", "disturb sockets on purpose: `SPEC` is short-read,short-write,delay=20ms,reset=1%... (see below)")
}

func (d *disturbed) Set(s string) (err error) {
	d.Spec, err = chaos.Parse(s)
	return err
}

func (d *disturbed) Type() string { return "spec" }
