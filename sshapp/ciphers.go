package sshapp

import (
	"fmt"
	"runtime"
	"slices"
	"sshforum/sshapp/wire"
	"time"

	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/sys/cpu"
)

const serverVersion = "SSH-2.0-sshforum"

var aesGCM = []string{gossh.CipherAES128GCM, gossh.CipherAES256GCM}

// fastGCM is whether Go computes AES-GCM by instructions of this processor. crypto/tls
// asks the same.
var fastGCM = cpu.X86.HasAES && cpu.X86.HasPCLMULQDQ && cpu.X86.HasSSE41 && cpu.X86.HasSSSE3 ||
	cpu.ARM64.HasAES && cpu.ARM64.HasPMULL ||
	cpu.S390X.HasAES && cpu.S390X.HasAESCTR && cpu.S390X.HasGHASH ||
	runtime.GOARCH == "ppc64" || runtime.GOARCH == "ppc64le"

// ciphers returns what this connection offers. It hears the client out for that, within
// the login grace.
func (c *connection) ciphers() []string {
	cfg := c.server.cfg
	client := c.opening.Exchange(serverVersion, time.Now().Add(cfg.LoginGrace))
	switch {
	case len(cfg.Ciphers) > 0:
		return cfg.Ciphers
	case !fastGCM:
		return gossh.SupportedAlgorithms().Ciphers
	}
	return suitableCiphers(client)
}

// suitableCiphers returns the ciphers to offer a client that made a proposal, nil if it
// is not known. A client takes the first of its own list that it is offered (RFC 4253,
// section 7.1). OpenSSH lists others before AES-GCM, which takes a third to a half of
// their time, so a client that has it in both directions is offered nothing else.
func suitableCiphers(client *wire.Proposal) []string {
	if client != nil && hasGCM(client.CiphersToServer) && hasGCM(client.CiphersToClient) {
		return aesGCM
	}
	return gossh.SupportedAlgorithms().Ciphers
}

func hasGCM(ciphers []string) bool {
	return slices.ContainsFunc(ciphers, func(name string) bool { return slices.Contains(aesGCM, name) })
}

// checkCiphers refuses names that the library would leave out without a word.
func checkCiphers(names []string) error {
	for _, name := range names {
		if !slices.Contains(gossh.SupportedAlgorithms().Ciphers, name) {
			return fmt.Errorf("the SSH server has no cipher %q", name)
		}
	}
	return nil
}
