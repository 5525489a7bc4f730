package sshapp

import (
	"slices"
	"strings"

	gossh "golang.org/x/crypto/ssh"
)

// setAlgorithms offers the given ciphers, and of the other kinds all algorithms that the
// library holds secure, the best first, except those that use SHA-1. The signature algorithms
// of host keys are set by the keys themselves.
func setAlgorithms(config *gossh.ServerConfig, ciphers []string) {
	secure := gossh.SupportedAlgorithms()
	config.KeyExchanges = withoutSHA1(secure.KeyExchanges)
	config.Ciphers = ciphers
	config.MACs = withoutSHA1(secure.MACs)
	config.PublicKeyAuthAlgorithms = secure.PublicKeyAuths
}

func withoutSHA1(names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return strings.Contains(name, "sha1") })
}
