//go:build unix

package ladder_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelua/interp/trace/ladder"
)

// page writes one for the browser.
func page(t *testing.T, tell func(*run)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ladder.html")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tell(newRun(ladder.New(f)))
	return path
}

func (b *browser) wants(what string, got, want any) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("%s: %v, and should be %v", what, got, want)
	}
}

func (b *browser) noErrors() {
	b.t.Helper()
	for _, e := range b.errors {
		b.t.Errorf("error in the page: %s", e)
	}
}

// links are the arrows between events, by their numbers in the page.
const links = `ladder.model.links.map(l => l.kind + " " + l.from.i + " " + l.to.i + " " + l.bytes)`

// What has happened is found out: who received what, whose end is where.
func TestStory(t *testing.T) {
	b := newBrowser(t)
	b.open(page(t, story))
	got := eval[[]string](b, links)
	slices.Sort(got)
	want := []string{"connect 1 2 0", "data 3 6 7", "data 4 6 6", "data 7 8 4", "data 7 9 9", "end 11 12 0", "reset 13 14 0",
		"connect 17 18 0", "data 29 30 3", "data 33 34 4", "connect 36 37 0", "data 39 40 7"}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("arrows:\n%s\nand should be:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	ends := strings.Join(eval[[]string](b, `ladder.model.ends.map(e => (e.out ? "outside " : "") + label(e))`), ", ")
	b.wants("ends", ends, "server 127.0.0.1:8080, client 127.0.0.1:40000, client 127.0.0.1:40009, client 127.0.0.1:40001, client #5, socket 127.0.0.1:40011, socket :40010, "+
		"pair #8, pair #9, server /run/x, client #11, outside server 192.0.2.7:443, outside server 127.0.0.1:1")
	b.wants("lost", eval[string](b, `String(ladder.model.events.filter(e => e.lost).map(e => e.i))`), "10,28")
	b.wants("failures", eval[string](b, `String(ladder.model.events.filter(e => e.bad).map(e => e.error))`), "ECONNRESET,ECONNREFUSED")
	b.wants("a connection is drawn once", eval[bool](b, `!ladder.model.events[16].other && !ladder.model.events[17].other`), true)
	// What is in the data stays there.
	b.wants("title", eval[string](b, "document.title"), "Ladder of x.lua")
	b.wants("images and scripts", eval[string](b, `document.querySelectorAll("img").length + " " + document.scripts.length`), "0 2")
	eval[bool](b, "ladder.choose(ladder.model.events[10], true), true")
	b.wants("data", eval[bool](b, `$("bytes").textContent.startsWith("</script><script>document.title='broken'</script><!-- <img src=x onerror=alert(1)> ' \" & \\255\\254\\000 \\226\\128\\168")`), true)
	b.press("x")
	b.wants("hex", eval[string](b, `$("bytes").textContent.split("\n")[0]`), "00000000  3c 2f 73 63 72 69 70 74  3e 3c 73 63 72 69 70 74  |</script><script|")
	b.picture("story-hex")
	b.noErrors()
}

// A page of which the last line is cut off, as after kill -9, and one of nothing, are pages.
func TestCutOff(t *testing.T) {
	b := newBrowser(t)
	var out bytes.Buffer
	story(newRun(ladder.New(&out)))
	path := filepath.Join(t.TempDir(), "cut.html")
	if err := os.WriteFile(path, out.Bytes()[:out.Len()-20], 0o666); err != nil {
		t.Fatal(err)
	}
	b.open(path)
	b.wants("events", eval[int](b, "ladder.model.events.length"), 40)
	b.wants("said", strings.Contains(eval[string](b, `$("sum").textContent`), "the last one cut off"), true)
	b.open(page(t, func(*run) {}))
	b.wants("events of nothing", eval[string](b, `$("sum").textContent`), "0 events")
	b.press("ArrowDown", "Enter", "End", "x", "c", "t", "Escape")
	b.noErrors()
}

// Ten thousand events: the page is there soon, draws no more than is seen, and obeys.
func TestMany(t *testing.T) {
	b := newBrowser(t)
	b.open(page(t, func(r *run) { many(r, 10000) }))
	paint := eval[float64](b, `new Promise(done => new PerformanceObserver(l => done(l.getEntries()[0].startTime)).observe({ type: "paint", buffered: true }))`)
	drawn := eval[float64](b, `performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd`)
	t.Logf("first paint after %.0f ms, the ladder drawn after %.0f ms", paint, drawn)
	if max(paint, drawn) > 2000 {
		t.Errorf("late: the first paint came after %.0f ms, the ladder after %.0f ms", paint, drawn)
	}
	b.wants("events", eval[int](b, "ladder.rows.length"), 10000)
	b.wants("messages", eval[int](b, `ladder.model.links.filter(l => l.kind === "data").length`), 4979)
	if n := eval[int](b, `document.querySelectorAll("#view svg *").length`); n < 100 || n > 3000 {
		t.Errorf("%d elements are drawn", n)
	}
	b.picture("many")
	// Scrolled from top to bottom in 200 steps, each is drawn in less than what one would notice.
	start := time.Now()
	took := eval[[]float64](b, `(() => { const took = [], box = $("scroll"), most = box.scrollHeight - box.clientHeight;
		for (let i = 0; i <= 200; i++) { const at = performance.now(); box.scrollTop = most * i / 200; ladder.draw(); took.push(performance.now() - at); }
		return took.sort((a, b) => a - b); })()`)
	t.Logf("200 steps in %v, the middle one %.1f ms, the slowest %.1f ms", time.Since(start), took[100], took[200])
	if took[100] > 200 { // a busy machine takes long over any one
		t.Errorf("half the steps took more than %.0f ms", took[100])
	}
	b.wants("last row", eval[bool](b, `!!document.querySelector('#view [data-i="9999"]')`), true)
	b.driveKeys()
	b.noErrors()
}

// driveKeys goes through all that keys do.
func (b *browser) driveKeys() {
	b.t.Helper()
	chosen := func() int { return eval[int](b, "ladder.chosen?.i ?? -1") }
	rows := func() int { return eval[int](b, "ladder.rows.length") }
	b.press("Home", "ArrowDown", "j", "ArrowUp")
	b.wants("Home, down, down, up", chosen(), 1)
	b.press("End", "k")
	b.wants("End, up", chosen(), 9998)
	b.press("Home", "PageDown")
	b.wants("a page further", chosen() > 10, true)
	b.press("Home")
	eval[bool](b, "ladder.choose(ladder.model.events[41]), true")
	b.press("Enter")
	b.wants("the data", eval[string](b, `$("bytes").textContent`), "message 41 of client 0\\n\n")
	b.press("ArrowRight")
	b.wants("the same connection's next", chosen(), 42)
	b.press("ArrowRight")
	b.wants("and next", chosen(), 81)
	b.press("h")
	b.wants("and back", chosen(), 42)
	b.press("c")
	b.wants("the connection alone", rows(), 501)
	b.press("t")
	b.wants("and the thread alone", rows(), 249)
	b.wants("the list says so", eval[string](b, `$("thread").value`), "server-0")
	b.press("Escape", "Escape")
	b.wants("all", rows(), 10000)
	b.press("/")
	b.press(strings.Split("MESSAGE 4999 ", "")...)
	b.settled()
	b.wants("by text", rows(), 2)
	b.press("Escape")
	b.wants("all again", rows(), 10000)
	b.press("?")
	b.wants("help", eval[bool](b, `$("help").open`), true)
	b.press("Escape")
	// By mouse: a row, the map, the lists.
	eval[bool](b, `$("scroll").scrollTop = 0, ladder.redraw(), document.querySelector('#view [data-i="3"]').dispatchEvent(new MouseEvent("click", { bubbles: true })), true`)
	b.wants("clicked", chosen(), 3)
	b.wants("shown", eval[bool](b, `!$("detail").hidden`), true)
	eval[bool](b, `$("connection").value = "5", $("connection").dispatchEvent(new Event("change")), true`)
	b.wants("chosen from the list", rows() > 400 && rows() < 600, true)
	b.press("Escape", "Escape")
	eval[bool](b, `ladder.jump({ offsetY: 500 }), true`)
	b.wants("by the map", eval[float64](b, `ladder.top() / ladder.layout.height`) > 0.4, true)
}

// A page that is higher than browsers can have it is scrolled in a smaller one.
func TestHigh(t *testing.T) {
	if testing.Short() {
		t.Skip("a large page")
	}
	b := newBrowser(t)
	b.open(page(t, func(r *run) { many(r, 200000) }))
	b.wants("higher", eval[bool](b, "ladder.ratio() > 1"), true)
	b.press("End")
	b.settled()
	b.wants("the end", eval[bool](b, `!!document.querySelector('#view .row.on') && document.querySelector('#view .row.on').dataset.i === String(ladder.model.events.length - 1)`), true)
	seen := `(() => { const on = document.querySelector("#view .row.on").getBoundingClientRect(), box = $("scroll").getBoundingClientRect(); return on.top > box.top && on.bottom <= box.bottom; })()`
	b.wants("in sight", eval[bool](b, seen), true)
	b.press("ArrowUp", "PageUp")
	b.settled()
	b.wants("in sight still", eval[bool](b, seen), true)
	b.noErrors()
}

// It prints: all rows, on sheets, whatever is seen on the screen.
func TestPrint(t *testing.T) {
	b := newBrowser(t)
	b.open(page(t, func(r *run) { many(r, 200) }))
	pdf := b.save("Page.printToPDF", map[string]any{"landscape": true, "printBackground": true}, "print.pdf")
	if pages := bytes.Count(pdf, []byte("/Type /Page\n")); pages < 3 || pages > 20 {
		t.Errorf("200 rows are printed on %d pages", pages)
	}
	eval[bool](b, "ladder.print(), true")
	b.wants("rows", eval[int](b, `new Set([...document.querySelectorAll("#print .row")].map(r => r.dataset.i)).size`), 200)
	b.noErrors()
}

// Pictures of a page, for the eye: go test -run Pictures -pictures FOLDER -page FILE.
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("no folder for them")
	}
	b := newBrowser(t)
	path := *shown
	if path == "" {
		path = page(t, story)
	}
	b.open(path)
	for _, scheme := range []string{"light", "dark"} {
		b.scheme(scheme)
		b.picture(scheme)
		b.press("End")
		b.picture(scheme + "-end")
		b.press("Enter")
		b.picture(scheme + "-data")
		b.press("Escape", "Home")
	}
	b.save("Page.printToPDF", map[string]any{"landscape": true, "printBackground": true}, "print.pdf")
	b.noErrors()
}
