package boltfile

import (
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
)

// Crash is a panic as an error. bbolt panics when it meets a damaged page.
type Crash struct {
	value any
	stack []byte
}

func (c *Crash) Error() string {
	if c.unreadable() {
		return "a page of the file cannot be read"
	}
	return fmt.Sprintf("panic: %v", c.value)
}

// LogValue adds the stack, which only the log shows.
func (c *Crash) LogValue() slog.Value {
	return slog.StringValue(c.Error() + "\n" + string(c.stack))
}

// unreadable reports whether the panic is a memory fault, see debug.SetPanicOnFault. A nil
// pointer is not.
func (c *Crash) unreadable() bool {
	_, fault := c.value.(interface {
		runtime.Error
		Addr() uintptr
	})
	return fault
}

// Contain runs fn and returns a panic of it as a Crash, also for a page that cannot be read.
func Contain(fn func() error) error {
	return catch(fn, func(*Crash) bool { return true })
}

// containPageFaults is Contain only for pages that cannot be read; other panics pass.
func containPageFaults(fn func() error) error { return catch(fn, (*Crash).unreadable) }

func catch(fn func() error, caught func(*Crash) bool) (err error) {
	before := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(before)
		if p := recover(); p != nil {
			crash := &Crash{value: p, stack: debug.Stack()}
			if !caught(crash) {
				panic(p)
			}
			err = crash
		}
	}()
	return fn()
}
