// Package hosts holds programs in Go that have a part of theirs written in Lua: examples of package interp, to be
// copied from. Each is a folder with a main.go, which tells what it shows and how to try it, and a script. The tests
// here build them all, and run each as it is, with real clients.
package hosts
