package files

// Limits bound what one connection has open of the file tree, in all its sessions.
type Limits struct {
	handles chan struct{} // has an element for each open file or directory
	texts   chan struct{} // has an element for each open file of a thread
}

// NewLimits lets a connection have so many files open.
func NewLimits(files int) *Limits {
	return &Limits{handles: make(chan struct{}, files), texts: make(chan struct{}, maxThreadFiles)}
}
