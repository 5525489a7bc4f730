package jsonforum

import (
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// The client does some steps without reading its socket. They take these times, counted from
// the sending of its request.
const (
	announceWait = 200 * time.Millisecond // until it reads whether it may upload
	sizeWait     = 100 * time.Millisecond // until it reads a file's size, and then the same until it reads on
)

// upload handles both requests before a file: the first names the thread, the second the file.
// A client that missed the reply to the first continues with any command.
func (s *session) upload(ctx context.Context, r request) (string, error) {
	if r.Filesize != nil {
		return s.receive(ctx, r)
	}
	if err := s.thread(ctx, r.Thread); err != nil {
		return "", err
	}
	s.announced = r.Thread
	return sendFile.say(), nil
}

// receive receives a file. It ignores the request's user name, since the account is known.
func (s *session) receive(ctx context.Context, r request) (string, error) {
	asked := time.Now()
	thread, name, size := s.announced, lastElement(r.Filename), *r.Filesize
	if s.announced = ""; thread == "" || size < 0 {
		return invalidCommand.say(), nil
	}
	u, err := s.service.Upload(ctx, s.c.Actor(), rules.Place{Thread: thread}, name, rules.UploadOptions{Declared: size, Final: true})
	switch {
	case forum.KindOf(err) == forum.Conflict:
		return fileExists.say(name, thread), nil
	case forum.KindOf(err) == forum.NotFound:
		return noThread.say(thread), nil
	case err != nil:
		return "", err
	case time.Since(asked) > announceWait*3/4: // the client may have given up, and send anything next
		return tooSlow.say(name), u.Leave(ctx, false)
	}
	if err := s.c.Reply(sendFile.say()); err != nil {
		_ = u.Leave(ctx, false)
		return "", lost{err}
	}
	if err := s.fill(u, size); err != nil {
		_ = u.Leave(ctx, false) // these clients cannot resume an upload
		return "", err
	}
	if _, err := u.Complete(ctx); err != nil {
		return "", err
	}
	// An empty file has no bytes whose arrival would show that the client has read the reply;
	// so wait.
	if err := s.c.ReplyAt(asked.Add(announceWait*3/2), fileUploaded.say(name, thread)); err != nil {
		return "", lost{err}
	}
	return "", nil
}

// stalled is how long the client may take to send the next bytes of a file.
const stalled = time.Minute

// fill receives size bytes into an upload. If the upload refuses some, fill still receives the
// rest, since the client sends it anyway.
func (s *session) fill(u *rules.Upload, size int64) (refused error) {
	defer s.c.SetReadDeadline(time.Time{})
	defer s.c.ReadOn()()
	raw := s.values.Raw(size)
	buffer := make([]byte, min(size, 64<<10))
	for at := int64(0); at < size; {
		s.c.SetReadDeadline(time.Now().Add(stalled))
		n, err := io.ReadFull(raw, buffer[:min(size-at, int64(len(buffer)))])
		if err != nil {
			return lost{err}
		}
		if refused == nil {
			_, refused = u.WriteAt(buffer[:n], at)
		}
		at += int64(n)
	}
	return refused
}

// lastElement returns the name of a file without its directories, written with slashes or
// backslashes.
func lastElement(path string) string { return path[strings.LastIndexAny(path, `/\`)+1:] }

// download sends a file by the clock. Two threads of the client read from one socket, so the
// time of a message decides which of them reads it, and what it takes it for.
func (s *session) download(ctx context.Context, r request) (string, error) {
	info, content, err := s.service.OpenFile(ctx, s.c.Actor(), rules.Place{Thread: r.Thread}, r.Filename)
	if err != nil {
		return "", err
	}
	defer func() { _ = content.Close() }()
	if err := s.c.Reply(fileSize.say(strconv.FormatInt(content.Size(), 10))); err != nil {
		return "", lost{err}
	}
	asked := time.Now()
	if err := s.c.ReplyAt(asked.Add(sizeWait*3/2), fileStarts.say()); err != nil {
		return "", lost{err}
	}
	time.Sleep(time.Until(asked.Add(3 * sizeWait)))
	whole, err := s.stream(content)
	if err != nil {
		return "", lost{err}
	}
	end := fileSent
	if !whole {
		end = fileSpoilt
	}
	if err := s.c.ReplyAt(time.Now().Add(sizeWait*3/2), end.say(info.Name)); err != nil {
		return "", lost{err}
	}
	return "", nil
}

// A file is sent at 1 MB/s. The client keeps up with that although it reads a kilobyte at a
// time. If it did not, it would read the rest of the file together with the next message.
const (
	streamPiece = 8 << 10
	streamPause = 8 * time.Millisecond
)

// stream sends a content, and reports whether all of it could be read. A client waits for the
// announced size, so missing bytes are sent as zeroes. If the server stops, the rest is sent
// without pauses.
func (s *session) stream(content forum.BlobReader) (whole bool, err error) {
	whole = true
	buffer := make([]byte, min(content.Size(), streamPiece))
	for at := int64(0); at < content.Size(); at += int64(len(buffer)) {
		buffer = buffer[:min(content.Size()-at, int64(len(buffer)))]
		if _, err := content.ReadAt(buffer, at); err != nil && err != io.EOF {
			_ = s.c.Checked(err)
			whole = false
			clear(buffer)
		}
		if err := s.c.Stream(buffer); err != nil {
			return whole, err
		}
		select {
		case <-time.After(streamPause):
		case <-s.stopping:
		}
	}
	return whole, nil
}
