package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/forum/gate"
	"sshforum/forum/limit"
)

// kind has the parser of a value, and its description for errors.
type kind struct {
	expected string
	parse    func(string) (any, error)
}

// kinds are the kinds of settings, by the Go type of the field or by its tag kind.
var kinds = map[string]kind{
	"string":         {"text", as(func(text string) (string, error) { return text, nil })},
	"bool":           {"true or false", as(parseBool)},
	"int":            {"a whole number", as(strconv.Atoi)},
	"time.Duration":  {"a duration such as 10s, 5m or 720h", as(time.ParseDuration)},
	"*time.Location": {"local or the name of a time zone such as Europe/Berlin", as(parseZone)},
	"limit.Rate":     {"a rate such as 60:2s, for 60 at once and then one every 2s, or off", as(limit.ParseRate)},
	"gate.Startups":  {"three numbers start:rate:full such as 10:30:100", as(gate.ParseStartups)},
	"[]netip.Prefix": {"a list of networks such as [192.0.2.0/24, 2001:db8::/32]", as(parseNetworks)},
	"path":           {"the name of a file or directory", as(parsePath)},
	"address":        {"an address and port such as :2222, 127.0.0.1:2222 or [::1]:2222", as(parseAddress)},
	"title":          {"the title of a thread", as(forum.CleanTitle)},
	"ciphers":        {"a list of ciphers such as [aes128-gcm@openssh.com, aes256-gcm@openssh.com]", as(parseCiphers)},
}

// as returns a parser that returns any instead of T.
func as[T any](parse func(string) (T, error)) func(string) (any, error) {
	return func(text string) (any, error) { return parse(text) }
}

// parseBool also accepts yes and no, since kong's flags do.
func parseBool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "yes":
		return true, nil
	case "no":
		return false, nil
	}
	return strconv.ParseBool(text)
}

func parsePath(text string) (string, error) {
	if text == "" || strings.ContainsRune(text, 0) {
		return "", errors.New("no path")
	}
	return text, nil
}

func parseAddress(text string) (string, error) {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", err
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return text, err
}

func parseZone(name string) (*time.Location, error) {
	switch name {
	case "local":
		return time.Local, nil
	case "", "Local": // time.LoadLocation would accept these
		return nil, errors.New("no zone")
	}
	return time.LoadLocation(name)
}

func parseNetworks(text string) (all []netip.Prefix, err error) {
	for _, name := range splitList(text) {
		block, err := parseNetwork(name)
		if err != nil {
			return nil, err
		}
		all = append(all, block)
	}
	return all, nil
}

// parseNetwork parses a network such as 192.0.2.0/24, or an address, which is a network of one.
func parseNetwork(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return addr.Prefix(addr.BitLen())
	}
	block, err := netip.ParsePrefix(text)
	return block.Masked(), err
}

func parseCiphers(text string) ([]string, error) {
	names := splitList(text)
	known := gossh.SupportedAlgorithms().Ciphers
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, unknownName{name, known}
		}
	}
	return names, nil
}

// unknownName is the error for a list that has an unknown name.
type unknownName struct {
	name  string
	known []string
}

func (e unknownName) Error() string {
	return fmt.Sprintf("%q is unknown; %s", e.name, suggest(e.name, e.known))
}

// joinList returns a list as the text of a setting; splitList is its inverse.
func joinList(names []string) string { return strings.Join(names, ",") }

func splitList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}
