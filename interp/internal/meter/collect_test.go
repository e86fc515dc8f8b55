package meter

import (
	"os"
	"runtime"
	"testing"
	"time"
)

// What keeps the runtime from giving memory back is nobody's use of memory.
func TestCollectLess(t *testing.T) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		t.Skip("GOGC or GOMEMLIMIT is set")
	}
	before := Read()
	CollectLess()
	for counted.Load() == 0 {
		runtime.GC()
		time.Sleep(time.Millisecond) // for the finalizer, which has a goroutine of its own
	}
	runtime.GC()
	if now := Read(); now.Objects > before.Objects+ballastSize/4 || now.Live > before.Live+ballastSize/4 || now.Made > before.Made+ballastSize/4 {
		t.Errorf("%+v became %+v", before, now)
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	if stats.HeapAlloc < ballastSize {
		t.Errorf("the heap has %d bytes", stats.HeapAlloc)
	}
}
