package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"wirelua/interp/policy"
)

// fence is what the command line lets the script touch.
type fence struct {
	sandbox bool
	audit   bool
	policy  policy.Policy
	noted   *policy.Audit // what the script needed; nil without --audit

	flags *pflag.FlagSet
}

// define defines the flags --sandbox, --allow-* and --audit.
func (e *fence) define(f *pflag.FlagSet) {
	e.flags = f
	f.BoolVar(&e.sandbox, "sandbox", false, "allow no network, files, processes, or environment, but what --allow-* flags do; each of these implies --sandbox")
	p := &e.policy
	f.Var((*rules)(&p.Connect), "allow-connect", "let the script connect and send to `RULE`, and look up names")
	f.Var((*rules)(&p.Listen), "allow-listen", "let it bind the addresses of `RULE`")
	f.Var((*rules)(&p.Read), "allow-read", "let it read the file or folder `PATH`")
	f.Var((*rules)(&p.Write), "allow-write", "let it create, change and remove the file or folder `PATH`")
	f.Var((*rules)(&p.Run), "allow-run", "let it run `PROGRAM`, which is in no fence itself")
	f.Var((*rules)(&p.Env), "allow-env", "let it, and what it runs, read the environment variable `NAME`")
	f.BoolVar(&e.audit, "audit", false, "allow everything, and print in the end which --allow-* flags would have sufficed")
}

// complete makes the policy that the flags mean, and says what is wrong with them.
func (e *fence) complete() error {
	opened := false
	e.flags.Visit(func(f *pflag.Flag) {
		_, isRules := f.Value.(*rules)
		opened = opened || isRules
	})
	e.sandbox = e.sandbox || opened
	switch {
	case e.audit && e.sandbox:
		return errors.New("--audit allows everything: it goes with neither --sandbox nor --allow-*")
	case e.audit:
		e.noted = new(policy.Audit)
	}
	if !e.sandbox {
		e.policy = policy.All()
	}
	_, err := e.policy.Compile()
	var wrong *policy.RuleError
	if errors.As(err, &wrong) {
		return fmt.Errorf("--allow-%s: rule %q %s", wrong.Door, wrong.Rule, wrong.Problem)
	}
	return err
}

// report prints, after --audit, the flags that the script needs.
func (e *fence) report(w io.Writer) {
	if e.noted != nil {
		fmt.Fprintf(w, "wirelua: audit: %s\n", e.noted.Policy().Flags())
	}
}

// rules is the value of an --allow-* flag: the rules of all times it was given.
type rules []string

func (r *rules) Set(text string) error {
	if strings.HasPrefix(text, "-") { // --allow-connect -e CODE
		return errors.New("a rule does not begin with '-': it seems to be missing (a path can be ./-name)")
	}
	*r = append(*r, policy.SplitRules(text)...)
	return nil
}

func (r *rules) String() string { return "" }
func (r *rules) Type() string   { return "rules" }

// remedy is what denials say in addition.
func remedy(d *policy.Denied) string { return "needs " + d.Flag() }
