package interp_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wirelua/interp/interptest"
)

var update = flag.Bool("update", false, "record anew what other Luas answer, to testdata/recorded")

// recorded returns what program, another Lua, answers to questions: what stands in
// testdata/recorded/name.gz, so that the comparison is made where that Lua is not
// installed, too. Where it is, ask has it answer, which must be what is recorded. The
// record begins with the questions' hash: to other questions the answers are others.
func recorded(t *testing.T, name, program string, questions []string, ask func(path string) []string) []string {
	t.Helper()
	file := filepath.Join("testdata/recorded", name+".gz")
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(questions, "\x00"))))
	path, err := exec.LookPath(program)
	if err != nil && (*update || os.Getenv("WIRELUA_PEERS") == "required") {
		interptest.Missing(t, program)
	}
	var live []string
	if err == nil {
		live = ask(path)
	}
	if *update {
		writeRecord(t, file, append([]string{hash}, live...))
	}
	answers := readRecord(t, file)
	if answers[0] != hash || len(answers) != len(questions)+1 {
		t.Fatalf("%s answers other questions: go test ./interp -run '%s' -update, where %s is installed", file, t.Name(), program)
	}
	for i, a := range live {
		if a != answers[i+1] {
			t.Fatalf("%s has another answer than %s to %s\n\trecorded %s\n\tanswered %s", file, program, questions[i], answers[i+1], a)
		}
	}
	return answers[1:]
}

func readRecord(t *testing.T, file string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(file, err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(file, err)
	}
	return strings.Split(string(text), "\x00")
}

func writeRecord(t *testing.T, file string, answers []string) {
	t.Helper()
	var data bytes.Buffer
	z, _ := gzip.NewWriterLevel(&data, gzip.BestCompression)
	io.WriteString(z, strings.Join(answers, "\x00"))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
