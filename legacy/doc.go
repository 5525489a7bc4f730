// Package legacy is what the doors for old programs have in common: connections and
// their limits, when messages leave, logins, and JSON without delimiters. It knows no
// dialect's words and no rule of the forum.
//
// Each dialect is a package below this one. Its Serve talks with one client over a Conn:
// it reads requests, asks the rules.Service, and says the answers in its own words. The
// old programs take what one read returns for one message, so a Conn sends each message
// alone: one write, and time enough before the next.
package legacy
