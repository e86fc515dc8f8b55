package trace

import (
	"encoding/json"
	"io"
	"sync"
	"time"
)

// JSON returns an observer that writes each event as an object on a line of its own, with the data
// whole, in base64, and every layer. Times are seconds: time from now to when the operation ended.
// What is not known, or not there, is left out; so is run for the first interpreter that is seen, the
// next one's is 1. It writes as Text does.
func JSON(w io.Writer) Observer {
	return &jsonLines{w: json.NewEncoder(w), start: time.Now(), runs: map[*Run]int{}}
}

type jsonLines struct {
	mu     sync.Mutex
	w      *json.Encoder
	start  time.Time
	runs   map[*Run]int // the interpreters, in the order they came to be seen
	failed bool
}

// record is an event as JSON has it.
type record struct {
	Time     float64  `json:"time"`
	Thread   string   `json:"thread,omitempty"`
	ThreadID int      `json:"thread_id"`
	Where    string   `json:"where,omitempty"`
	Run      int      `json:"run,omitempty"`
	Socket   uint64   `json:"socket,omitempty"`
	New      uint64   `json:"new,omitempty"`
	Layer    string   `json:"layer"`
	Op       string   `json:"op"`
	Network  string   `json:"network,omitempty"`
	Family   string   `json:"family,omitempty"`
	Type     string   `json:"type,omitempty"`
	Local    string   `json:"local,omitempty"`
	Peer     string   `json:"peer,omitempty"`
	Address  string   `json:"address,omitempty"`
	Found    []string `json:"found,omitempty"`
	Size     int64    `json:"size,omitempty"`
	Flags    int      `json:"flags,omitempty"`
	Level    int      `json:"level,omitempty"`
	Option   int      `json:"option,omitempty"`
	Bytes    *int64   `json:"bytes,omitempty"`
	Data     []byte   `json:"data,omitempty"`
	Duration float64  `json:"duration"`
	Wait     float64  `json:"wait,omitempty"`
	By       string   `json:"by,omitempty"`
	Detail   string   `json:"detail,omitempty"`
	Error    string   `json:"error,omitempty"`
}

func (j *jsonLines) Observe(e Event) {
	r := record{Time: e.ended().Sub(j.start).Seconds(), Duration: e.Duration.Seconds(), Wait: e.Waited.Seconds(),
		Thread: e.Thread, ThreadID: e.ThreadID, Where: e.Where, Layer: e.Layer, Op: e.Op, Address: e.Address, Found: e.Found,
		Size: e.Size, Flags: e.Flags, Level: e.Level, Option: e.Option, Data: e.Data, By: e.By, Detail: e.Detail, Error: e.Code}
	r.Local, r.Peer = e.Ends()
	if s := e.Socket; s != nil {
		r.Socket, r.Network, r.Family, r.Type = s.Number, s.Network, s.Family, s.Type
	}
	if e.New != nil {
		r.New = e.New.Number
	}
	if n := e.Bytes(); e.moves() {
		r.Bytes = &n
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if e.Socket != nil {
		r.Run = j.run(e.Socket.Run)
	}
	if !j.failed {
		j.failed = j.w.Encode(r) != nil
	}
}

// run returns an interpreter's number.
func (j *jsonLines) run(r *Run) int {
	n, known := j.runs[r]
	if !known {
		n = len(j.runs)
		j.runs[r] = n
	}
	return n
}
