// Package exit says how sessions end: why, and with which exit status.
package exit
