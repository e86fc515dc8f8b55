// Package bench compares servers written in Lua with the same in Go and in what else has
// sockets (the programs in peers), and wirelua's start with an empty program's. Each server
// is a process of its own, so that its CPU and memory can be told from the client's; the
// client is the same for all. It needs Linux, whose /proc tells both. Run with
//
//	go test -bench . -benchtime 5x -timeout 0 ./scripts/bench
//
// which measures five rounds. In each round all servers have their turn, so that what else
// the machine does hits all of them alike; the tables that are printed have the medians.
// -beside PATH measures another wirelua in the same rounds, that of before a change, say;
// -only luv measures that beside wirelua and Go, and no other peer.
//
// TestProfile makes the profile that cmd/wirelua is built with; profile_test.go says how.
package bench
