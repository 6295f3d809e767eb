//go:build race

package web_test

import "runtime/debug"

// With the race detector a fifth of the time of these tests went in collecting: let
// garbage lie longer than a server would. The limit keeps it from taking all memory.
func init() {
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(3 << 30)
}
