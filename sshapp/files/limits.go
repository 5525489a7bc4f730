package files

// Limits bounds the open files of one connection, over all its sessions.
type Limits struct {
	handles chan struct{} // has an element for each open file or directory
	texts   chan struct{} // has an element for each open file of a thread
}

// NewLimits returns limits that let a connection have at most files files open.
func NewLimits(files int) *Limits {
	return &Limits{handles: make(chan struct{}, files), texts: make(chan struct{}, maxThreadFiles)}
}
