//go:build !unix

package blobs

func adviseNormal(mapping) error { return nil }
