package main

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// beyondLoopback returns a warning for each door that other machines can reach.
func beyondLoopback(config *Config) (warnings []string) {
	for _, d := range oldDoors(config) {
		host, _, _ := net.SplitHostPort(d.listen)
		if ip, err := netip.ParseAddr(host); host == "localhost" || err == nil && ip.IsLoopback() {
			continue
		}
		warnings = append(warnings, fmt.Sprintf(
			"%s listens on %s, beyond this machine, and its passwords travel in clear; set legacy.%[1]s.listen to 127.0.0.1 and let people come by ssh -L.",
			d.config.Name, d.listen))
	}
	return warnings
}

// listener is the address of a door, with its setting.
type listener struct{ setting, address string }

// clashes returns an error for each pair of doors with the same address and port.
func clashes(config *Config) (problems []error) {
	doors := []listener{{"ssh.listen", config.SSH.Listen}}
	for _, d := range oldDoors(config) {
		doors = append(doors, listener{"legacy." + d.config.Name + ".listen", d.listen})
	}
	for i, one := range doors {
		for _, other := range doors[:i] {
			if one.clashes(other) {
				problems = append(problems, fmt.Errorf("%s (%s) and %s (%s) use the same port; change one of them",
					other.setting, other.address, one.setting, one.address))
			}
		}
	}
	return problems
}

func (l listener) clashes(other listener) bool {
	host, port, _ := net.SplitHostPort(l.address)
	otherHost, otherPort, _ := net.SplitHostPort(other.address)
	switch {
	case port != otherPort || port == "0":
		return false
	case anyAddress(host) || anyAddress(otherHost):
		return true
	}
	return sameHost(host) == sameHost(otherHost)
}

// anyAddress reports whether host stands for all addresses of the machine.
func anyAddress(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "" || err == nil && ip.IsUnspecified()
}

// sameHost returns the form of a host that is compared.
func sameHost(host string) string {
	if strings.EqualFold(host, "localhost") {
		host = "127.0.0.1"
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().String()
	}
	return strings.ToLower(host)
}
