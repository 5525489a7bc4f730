// Package files serves the file tree, over SFTP and to the tools that clients expect to find on
// the other side, such as scp and sha256sum. tree.go describes the tree.
package files
