package main

import (
	"runtime"
	"runtime/metrics"
	"testing"
)

func TestGarbageFor(t *testing.T) {
	const mib = 1 << 20
	for _, test := range []struct {
		memory, used int64
		want         int
	}{
		{256 * mib, 0, 400},
		{256 * mib, 10 * mib, 400},
		{256 * mib, 64 * mib, 300},
		{256 * mib, 100 * mib, 150},
		{256 * mib, 128 * mib, 100},
		{256 * mib, 200 * mib, 100},
		{256 * mib, 1000 * mib, 100},
		{1 << 50, 1, 400},
	} {
		if got := garbageFor(test.memory, test.used); got != test.want {
			t.Errorf("garbageFor(%d, %d) = %d, not %d", test.memory, test.used, got, test.want)
		}
	}
}

// A collection with much memory to spare makes the next ones rarer, until the collector stops.
func TestCollector(t *testing.T) {
	before := garbagePercent()
	stop := collectWithin(1 << 40)
	for garbagePercent() != mostGarbage { // the adjustment comes soon after the collection
		runtime.GC()
	}
	stop()
	if after := garbagePercent(); after != before {
		t.Errorf("%d %% afterwards, %d before", after, before)
	}
	collectWithin(0)()
	if after := garbagePercent(); after != before {
		t.Errorf("%d %% without a collector, %d before", after, before)
	}
}

func garbagePercent() int {
	s := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(s)
	return int(s[0].Value.Uint64())
}
