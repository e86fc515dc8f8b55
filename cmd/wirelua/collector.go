package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Go collects garbage when the heap has doubled, but not before it has 4 MB. A script that
// echoes pieces of 64 KB has filled those after some dozens of them, and would spend
// half of its time collecting. So while little is in use the heap may grow by smallHeap;
// from there on by as much as is in use, as ever.
const smallHeap = 16 << 20

// collectLess has the collector run less often while there is little to collect. GOGC and
// GOMEMLIMIT, when they are set, say what the user wants instead.
func collectLess() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	const most = smallHeap * 100 / (4 << 20)
	percent := most
	debug.SetGCPercent(percent)
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	// A finalizer runs after each collection: it puts itself there again.
	var adjust func(*[16]byte)
	adjust = func(mark *[16]byte) {
		metrics.Read(live)
		used := max(int(live[0].Value.Uint64()), 1)
		if want := min(max(100, smallHeap*100/used), most); want != percent {
			percent = want
			debug.SetGCPercent(percent)
		}
		runtime.SetFinalizer(mark, adjust)
	}
	runtime.SetFinalizer(new([16]byte), adjust)
}
