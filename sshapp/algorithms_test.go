package sshapp

import (
	"slices"
	"strings"
	"testing"

	gossh "golang.org/x/crypto/ssh"
)

func TestAlgorithms(t *testing.T) {
	var config gossh.ServerConfig
	setAlgorithms(&config, suitableCiphers(nil))
	for _, list := range [][]string{config.KeyExchanges, config.Ciphers, config.MACs, config.PublicKeyAuthAlgorithms} {
		if len(list) < 3 {
			t.Errorf("too few are left: %q", list)
		}
		for _, name := range list {
			if strings.Contains(name, "sha1") || strings.Contains(name, "cbc") || strings.Contains(name, "arcfour") || name == "ssh-rsa" || name == "ssh-dss" {
				t.Errorf("%s is offered", name)
			}
		}
	}
	if config.KeyExchanges[0] != gossh.KeyExchangeMLKEM768X25519 {
		t.Errorf("the first key exchange is %s", config.KeyExchanges[0])
	}
	if !slices.Contains(gossh.SupportedAlgorithms().MACs, gossh.HMACSHA1) {
		t.Error("the library's own list was changed")
	}
}
