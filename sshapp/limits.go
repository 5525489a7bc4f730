package sshapp

// limits bound what one connection has open of the file tree, in all its sessions.
type limits struct {
	handles chan struct{} // has an element for each open file or directory
	texts   chan struct{} // has an element for each open file of a thread
}

// newLimits lets a connection have so many files open.
func newLimits(files int) *limits {
	return &limits{handles: make(chan struct{}, files), texts: make(chan struct{}, maxThreadFiles)}
}
