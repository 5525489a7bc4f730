package story

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sshforum/e2e"
	"sshforum/forum/forumtest"
)

// mount is a file system on a directory of the story.
type mount struct {
	dir     string
	unmount []string   // the command that ends it
	served  chan error // how the process ended that serves it; nil when the kernel does
}

// tmpfs mounts a disk in memory, or gives one that is there another size. Where mounting
// is not allowed the story is skipped.
func (s *story) tmpfs(ts *testscript.TestScript, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: tmpfs DIR SIZE")
	}
	dir, size := ts.MkAbs(args[0]), "size="+args[1]
	if isMounted(dir) {
		return e2e.Quietly(exec.Command("mount", "-o", "remount,"+size, dir))
	}
	if err := e2e.Quietly(exec.Command("mount", "-t", "tmpfs", "-o", size, "sshforum-test", dir)); err != nil {
		s.t.Skip("a small disk cannot be mounted here: ", err)
	}
	s.mounts = append(s.mounts, &mount{dir: dir, unmount: []string{"umount", dir}})
	return nil
}

// fuseDevice is what a file system in user space needs. A machine may be without it,
// whatever programs it has.
const fuseDevice = "/dev/fuse"

// sshfs mounts the file tree as somebody sees it. Where mounting is not allowed the story
// is skipped.
func (s *story) sshfs(ts *testscript.TestScript, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: sshfs NAME DIR")
	}
	forumtest.NeedsProgram(s.t, "sshfs")
	device, err := os.OpenFile(fuseDevice, os.O_RDWR, 0)
	if err != nil {
		s.t.Skip("nothing can be mounted by sshfs here: ", err)
	}
	device.Close()
	dir := ts.MkAbs(args[1])
	m := &mount{dir: dir, unmount: []string{"fusermount3", "-u", dir}, served: make(chan error, 1)}
	cmd := s.command("sshfs", "-f", "-F", filepath.Join(s.dir, "ssh_config"), args[0]+"@forum:/", dir)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { m.served <- cmd.Wait() }()
	for deadline := time.After(e2e.Patience); !isMounted(dir); {
		select {
		case err := <-m.served:
			if strings.Contains(complaints.String(), "mount failed: Operation not permitted") {
				s.t.Skip("nothing can be mounted by sshfs here: ", complaints.String())
			}
			return fmt.Errorf("sshfs: %w: %s", err, complaints.String())
		case <-deadline:
			return errors.Join(errors.New("sshfs does not mount"), cmd.Process.Kill())
		case <-time.After(10 * time.Millisecond):
		}
	}
	s.mounts = append(s.mounts, m)
	return nil
}

// isMounted reports whether a file system begins at dir.
func isMounted(dir string) bool {
	var here, above syscall.Stat_t
	return syscall.Stat(dir, &here) == nil && syscall.Stat(filepath.Dir(dir), &above) == nil && here.Dev != above.Dev
}

func (s *story) unmount(ts *testscript.TestScript, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: unmount DIR")
	}
	dir := ts.MkAbs(args[0])
	i := slices.IndexFunc(s.mounts, func(m *mount) bool { return m.dir == dir })
	if i < 0 {
		return fmt.Errorf("%s is not mounted", args[0])
	}
	m := s.mounts[i]
	s.mounts = slices.Delete(s.mounts, i, i+1)
	return m.end()
}

// end unmounts, and waits for the process that served the file system.
func (m *mount) end() error {
	err := e2e.Quietly(exec.Command(m.unmount[0], m.unmount[1:]...))
	if m.served == nil {
		return err
	}
	select {
	case served := <-m.served:
		return errors.Join(err, served)
	case <-time.After(e2e.Patience):
		return errors.Join(err, errors.New("sshfs does not end"))
	}
}
