//go:build !linux

package project

// startOf is unknown here; the lock alone tells whether the process lives.
func startOf(int) uint64 { return 0 }
