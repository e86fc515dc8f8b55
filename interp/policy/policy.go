package policy

type Policy struct{ Connect, Listen, Read, Write, Run, Env []string }
type Checker struct{}

func All() Policy                                     { return Policy{} }
func (p Policy) Compile() (*Checker, error)           { return &Checker{}, nil }
func (c *Checker) ReadPath(name string) (string, error) { return name, nil }
