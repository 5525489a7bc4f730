// Package legacy is the common part of the doors for old programs: connections and their
// limits, the timing of messages, logins, and JSON without delimiters. It knows neither the
// commands of a dialect nor a rule of the forum.
//
// Each dialect is a package below this one. Its Serve talks with one client over a Conn: it
// reads requests, calls the rules.Service, and writes the replies in the form of the dialect.
// The old programs take the bytes of one read for one message. So a Conn sends each message
// separately: with one write, and with enough time before the next.
package legacy
