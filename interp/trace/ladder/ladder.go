// Package ladder has an observer that writes what scripts do on the wire as a page for a browser: a
// ladder diagram, with a lane for each end, time downwards, and an arrow for each message.
package ladder

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io"
	"strings"

	"wirelua/interp/trace"
)

//go:embed page
var files embed.FS

// New returns an observer that writes a page to w: one file, which needs no other and no network. The
// page has no end, so that it is whole at any time, whatever ends the script: each event is a line
// of its last element, as trace.JSON writes it, with all of the data, in one Write. What belongs
// together is found by the page, when it is opened; the observer keeps nothing. It is for runs that one
// looks at: what is sent and received within one run is in the file twice, and browsers have limits.
//
// Of a connection that has a layer above it, as TLS is, that is shown, and not what it is
// encrypted to. After a Write that failed there is none any more. Several interpreters may share it.
func New(w io.Writer) trace.Observer {
	if _, err := io.WriteString(w, head()); err != nil {
		return trace.Multi()
	}
	return ladder{trace.JSON(w)}
}

type ladder struct{ trace.Observer }

func (l ladder) Observe(e trace.Event) {
	if !e.Carried {
		l.Observer.Observe(e)
	}
}

// head is the page without its events. It runs no script but its own, whatever these contain.
func head() string {
	script := "\n" + file("model.js") + file("draw.js") + file("page.js")
	sum := sha256.Sum256([]byte(script))
	hash := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	return strings.NewReplacer("{hash}", hash, "{style}", file("style.css"), "\n{script}", script).Replace(file("page.html"))
}

func file(name string) string {
	text, err := files.ReadFile("page/" + name)
	if err != nil {
		panic(err) // it is in the binary
	}
	return string(text)
}
