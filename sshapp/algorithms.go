package sshapp

import (
	"slices"
	"strings"

	gossh "golang.org/x/crypto/ssh"
)

// setAlgorithms offers ciphers, and else what the library holds secure, the best first,
// and nothing that rests on SHA-1. What a host key signs with is the key's own to say.
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
