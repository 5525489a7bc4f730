// Package legacytest plays the old programs: a door to knock at, clients that read and
// sleep as the originals do, and a connection in memory that joins whatever it can. It
// knows no dialect.
package legacytest
