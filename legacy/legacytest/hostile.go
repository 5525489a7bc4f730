package legacytest

import (
	"runtime"
	"strings"
)

// Heap returns the bytes that are in use.
func Heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Hear reads in the background until the connection ends, and then sends what each recv
// returned, joined by |.
func (c *Client) Hear() <-chan string {
	heard := make(chan string, 1)
	go func() {
		var all []string
		for {
			buffer := make([]byte, c.Size)
			n, err := c.Read(buffer)
			if err != nil {
				heard <- strings.Join(all, "|")
				return
			}
			all = append(all, string(buffer[:n]))
		}
	}()
	return heard
}
