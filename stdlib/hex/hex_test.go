package hex_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os/exec"
	"testing"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/stdlib/hex"
)

var config = interp.Config{Modules: []*interp.Module{hex.Module}}

func TestLua(t *testing.T) { interptest.Run(t, config, "testdata/*.lua") }

// TestHexdump compares dumps with those of hexdump -C.
func TestHexdump(t *testing.T) {
	path, err := exec.LookPath("hexdump")
	if err != nil {
		t.Skip("no hexdump")
	}
	in, err := interp.New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.RunString(context.Background(), "dump", "dump = hex.dump"); err != nil {
		t.Fatal(err)
	}
	for _, data := range inputs() {
		cmd := exec.Command(path, "-C")
		cmd.Stdin = bytes.NewReader(data)
		cmd.Env = []string{"LC_ALL=C"}
		want, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		got, err := in.Call(context.Background(), "dump", data)
		if err != nil || got[0] != string(want) {
			t.Fatalf("%x: %v\n%s\nhexdump:\n%s", data, err, got, want)
		}
	}
}

// inputs have lines that repeat, at the end too, whole and in part.
func inputs() [][]byte {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	list := [][]byte{all, bytes.Repeat([]byte("0123456789abcdef"), 5000), make([]byte, 1<<20+3)}
	for n := range 70 {
		list = append(list, bytes.Repeat([]byte{0}, n), bytes.Repeat([]byte("a"), n), all[:n])
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		var data []byte
		for range r.IntN(20) {
			data = append(data, bytes.Repeat([]byte{byte(r.IntN(2) * 65)}, 16*r.IntN(3))...)
		}
		list = append(list, append(data, make([]byte, r.IntN(16))...))
	}
	return list
}
