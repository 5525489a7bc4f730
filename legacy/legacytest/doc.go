// Package legacytest simulates the old programs for tests: a door to connect to, clients that
// read and sleep like the originals, and a connection in memory that joins writes whenever it
// can. It knows no dialect.
package legacytest
