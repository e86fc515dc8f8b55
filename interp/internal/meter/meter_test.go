package meter

import (
	"testing"
	"time"
)

func TestDue(t *testing.T) {
	const limit = 1 << 20
	start := time.Now()
	usage := func(after time.Duration, objects, made int) Usage {
		return Usage{At: start.Add(after), Objects: objects, Made: made}
	}
	type look struct {
		what string
		now  Usage
		want bool
	}
	var m Meter
	check := func(looks ...look) {
		t.Helper()
		for _, c := range looks {
			if got := m.Due(c.now, limit); got != c.want {
				t.Errorf("%s: due %v", c.what, got)
			}
		}
	}
	check(look{"the process has less than one may hold", usage(time.Hour, limit, 10*limit), false},
		look{"never measured", usage(time.Hour, 2*limit, 10*limit), true})

	m.Note(usage(0, 2*limit, 10*limit), limit/2, 0)
	m.took = 10 * time.Millisecond // whatever the machine does
	check(look{"nothing was made since", usage(time.Hour, 2*limit, 10*limit), false},
		look{"too little was made", usage(time.Hour, 2*limit, 10*limit+limit/4), false},
		look{"as much was made as is missing", usage(time.Hour, 2*limit, 10*limit+limit/2), true},
		look{"too early, for what measuring takes", usage(50*time.Millisecond, 2*limit, 12*limit), false},
		look{"too early, but the process has grown by much", usage(50*time.Millisecond, 3*limit, 12*limit), true})

	m.Note(usage(0, 2*limit, 10*limit), 2*limit, time.Minute)
	check(look{"what was stopped ends", usage(time.Second, 9*limit, 90*limit), false})
	if m.Last() != 2*limit {
		t.Errorf("last %d", m.Last())
	}
	m.Skip(usage(2*time.Minute, 9*limit, 90*limit))
	check(look{"nothing was done since", usage(time.Hour, 9*limit, 90*limit), false})
}

func TestRead(t *testing.T) {
	before := Read()
	kept := make([]byte, 32<<20)
	after := Read()
	if after.Made-before.Made < len(kept) || after.InUse() < len(kept) || after.Stacks == 0 {
		t.Errorf("%+v, and after %d bytes more %+v", before, len(kept), after)
	}
	clear(kept)
}
