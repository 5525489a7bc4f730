package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// collector decides how much garbage may pile up before it is collected. A collection goes
// through everything that is in use, the stacks of idle sessions too, so rare collections save
// processor time.
type collector struct {
	memory int64 // bytes that may be taken so that collections are rare

	mu      sync.Mutex
	percent int // in effect
	stopped bool
}

// Limits of the garbage, in percent of what is in use. The first is Go's default; above the
// second little is saved.
const (
	leastGarbage = 100
	mostGarbage  = 400
	garbageStep  = 25 // smaller differences are not worth the stop of all goroutines
)

// collectWithin makes collections as rare as the given number of bytes allows, until stop is
// called. If more memory is in use, it changes nothing. There must be one collector at a time.
func collectWithin(memory int64) (stop func()) {
	if memory == 0 {
		return func() {}
	}
	c := &collector{memory: memory, percent: leastGarbage}
	before := debug.SetGCPercent(leastGarbage)
	c.watch()
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.stopped = true
		debug.SetGCPercent(before)
	}
}

// watch adjusts the garbage after each collection: each collects an object whose cleanup does it.
func (c *collector) watch() {
	runtime.AddCleanup(new([64]byte), func(c *collector) {
		if c.adjust() {
			c.watch()
		}
	}, c)
}

// adjust sets the percentage for the memory in use now. It returns false after stop.
func (c *collector) adjust() (goesOn bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return false
	}
	if percent := garbageFor(c.memory, memoryInUse()); percent != c.percent {
		c.percent = percent
		debug.SetGCPercent(percent)
	}
	return true
}

// garbageFor returns the percentage at which used bytes and their garbage fit in memory, within
// the limits.
func garbageFor(memory, used int64) int {
	fits := (memory - used) * 100 / max(used, 1)
	return int(max(leastGarbage, min(fits, mostGarbage))) / garbageStep * garbageStep
}

// memoryInUse returns the bytes of the objects that the last collection kept, and of all stacks.
func memoryInUse() (bytes int64) {
	used := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(used)
	for _, u := range used {
		bytes += int64(u.Value.Uint64())
	}
	return bytes
}
