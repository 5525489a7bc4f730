package story

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync/atomic"

	"github.com/gliderlabs/ssh"
	"github.com/rogpeppe/go-internal/testscript"
	gossh "golang.org/x/crypto/ssh"

	"sshforum/e2e"
)

// bastion is an SSH server that leads on to one port and does nothing else. It lets in
// who holds jump.key.
type bastion struct {
	server *ssh.Server
	host   gossh.Signer
	port   string
	ports  atomic.Pointer[[]string]
	done   chan struct{} // closed when it serves no more
}

// startBastion makes the key jump.key in dir and lets its holder through to the ports
// that leadTo says. Each time it does is a line of bastion.log.
func startBastion(dir string) (*bastion, error) {
	if err := e2e.Quietly(exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, "jump.key"))); err != nil {
		return nil, err
	}
	public, err := os.ReadFile(filepath.Join(dir, "jump.key.pub"))
	if err != nil {
		return nil, err
	}
	jump, _, _, _, err := ssh.ParseAuthorizedKey(public)
	if err != nil {
		return nil, err
	}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	host, err := gossh.NewSignerFromKey(private)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "bastion.log"))
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	b := &bastion{host: host, port: fmt.Sprint(ln.Addr().(*net.TCPAddr).Port), done: make(chan struct{})}
	b.server = &ssh.Server{
		HostSigners:      []ssh.Signer{host},
		PublicKeyHandler: func(_ ssh.Context, key ssh.PublicKey) bool { return ssh.KeysEqual(key, jump) },
		ChannelHandlers:  map[string]ssh.ChannelHandler{"direct-tcpip": ssh.DirectTCPIPHandler},
		LocalPortForwardingCallback: func(_ ssh.Context, host string, port uint32) bool {
			fmt.Fprintf(log, "to %s port %d\n", host, port)
			return host == "127.0.0.1" && slices.Contains(*b.ports.Load(), fmt.Sprint(port))
		},
	}
	go func() {
		defer close(b.done)
		defer log.Close()
		_ = b.server.Serve(ln) // until close
	}()
	return b, nil
}

// leadTo has b lead on to ports of this machine.
func (b *bastion) leadTo(ports ...string) { b.ports.Store(&ports) }

func (b *bastion) close() {
	_ = b.server.Close()
	<-b.done
}

// hostKeyLine returns the bastion's line of known_hosts.
func (b *bastion) hostKeyLine() string {
	return "bastion " + string(gossh.MarshalAuthorizedKey(b.host.PublicKey()))
}

func (s *story) throughBastion(*testscript.TestScript, []string) (err error) {
	if s.server == nil {
		return errors.New("no server runs")
	}
	if s.bastion, err = startBastion(s.dir); err != nil {
		return err
	}
	s.guideBastion()
	return writeClientConfig(s.dir, s.server.Port, s.bastion)
}

// guideBastion has the bastion, if there is one, lead to the server, and to the cable.
func (s *story) guideBastion() {
	if s.bastion == nil {
		return
	}
	ports := []string{s.server.Port}
	if s.cable != nil {
		ports = append(ports, s.cable.port())
	}
	s.bastion.leadTo(ports...)
}
