//go:build unix

package proto_test

import (
	"bytes"
	"context"
	"io"
	"testing"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

func TestLua(t *testing.T) {
	interptest.Run(t, interp.Config{Modules: stdlib.Modules(), Policy: policy.All()}, "testdata/*.lua")
}

// TestInteractEnds: when the connection ends while somebody could type on, interact ends in silence. It used to
// print the traceback of the thread that waited for what is typed.
func TestInteractEnds(t *testing.T) {
	typed, keyboard := io.Pipe()
	defer keyboard.Close()
	var out, errors bytes.Buffer
	in, err := interp.New(interp.Config{
		Modules: stdlib.Modules(), Policy: policy.All(), Stdin: typed, Stdout: &out, Stderr: &errors,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	err = in.RunString(context.Background(), "interact", `
		local a, b = socket.socketpair()
		a:sendall("bye\n")
		a:close()
		proto.interact(b)`)
	if err != nil || out.String() != "bye\n" || errors.Len() > 0 {
		t.Errorf("%v, printed %q, and told\n%s", err, &out, &errors)
	}
}
