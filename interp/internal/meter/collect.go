package meter

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
)

// smallHeap is by how much the heap may grow between two collections while less than that is in use.
const smallHeap = 16 << 20

// ballastSize is more than smallHeap, so that a tenth of it is worth having, and takes no memory: nobody touches it.
const ballastSize = 160 << 20

var (
	ballast string // keeps Go's runtime from giving back what the next pieces are put into
	counted atomic.Int64
)

// CollectLess has Go's collector run less often while there is little to collect. GOGC and GOMEMLIMIT,
// when they are set, say what the user wants instead.
//
// Go collects when the heap has doubled, but not before it has 4 MB. A script that echoes pieces of 64 KB has filled
// those after some dozens of them, and would spend half of its time collecting. So the heap may grow by smallHeap; from
// there on by as much as is in use, as ever. Beyond a tenth more than the heap had at the last collection the
// runtime gives memory back to the system, which has to clear it when it is used again: of a heap so small
// that is some pages for each piece, and took a sixth of such an echo's time. The tenth of a heap with ballast is enough.
var CollectLess = sync.OnceFunc(func() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	percent := smallHeap * 100 / (4 << 20)
	debug.SetGCPercent(percent)
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	// A finalizer runs after each collection: it puts itself there again.
	var adjust func(*[16]byte)
	adjust = func(mark *[16]byte) {
		metrics.Read(live)
		used := max(int(live[0].Value.Uint64())-int(counted.Load()), 0)
		want := max(used, smallHeap) * 100 / (used + ballastSize)
		if d := want - percent; d < -percent/16 || d > percent/16 { // the world stops for each change
			percent = want
			debug.SetGCPercent(percent)
		}
		if counted.Load() == 0 {
			counted.Store(ballastSize) // first, lest somebody takes it for a script's
			var b strings.Builder
			b.Grow(ballastSize) // is not cleared
			b.WriteByte(0)
			ballast = b.String()
		}
		runtime.SetFinalizer(mark, adjust)
	}
	runtime.SetFinalizer(new([16]byte), adjust)
})
