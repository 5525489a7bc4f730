package e2e

import (
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// GiveBackOnSignal has this process give back the memory that it does not need whenever it is
// sent SIGUSR1.
func GiveBackOnSignal() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	go func() {
		for range asked {
			debug.FreeOSMemory()
		}
	}()
}
