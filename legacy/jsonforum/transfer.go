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

// What the client does without looking at its socket takes these times, from when it
// has sent its request.
const (
	announceWait = 200 * time.Millisecond // until it looks whether it may upload
	sizeWait     = 100 * time.Millisecond // until it reads a file's size, and then what follows
)

// upload is both steps before a file: the thread is named first, then the file. A client
// that missed the answer to the first goes on with any command.
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

// receive takes a file. Whose it is, is known better than the client says.
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
	case time.Since(asked) > announceWait*3/4: // it may have given up, and say anything next
		return tooSlow.say(name), u.Leave(ctx, false)
	}
	if err := s.c.Reply(sendFile.say()); err != nil {
		_ = u.Leave(ctx, false)
		return "", lost{err}
	}
	if err := s.fill(u, size); err != nil {
		_ = u.Leave(ctx, false) // these clients cannot go on with it
		return "", err
	}
	if _, err := u.Complete(ctx); err != nil {
		return "", err
	}
	// Of an empty file nothing came that shows the client to have looked.
	if err := s.c.ReplyAt(asked.Add(announceWait*3/2), fileUploaded.say(name, thread)); err != nil {
		return "", lost{err}
	}
	return "", nil
}

// stalled is how long the next bytes of a file may take.
const stalled = time.Minute

// fill receives size bytes. Where the forum takes no more of them, the client sends the
// rest all the same.
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

// lastElement returns the name of a file without the directories it lay in, as either
// kind of system writes them.
func lastElement(path string) string { return path[strings.LastIndexAny(path, `/\`)+1:] }

// download sends a file by the clock. Two threads of the client read from one socket:
// which of them has what comes, and for what it takes that, is a matter of when.
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

// A file is sent at 1 MB/s, which the client keeps up with though it reads a kilobyte at a
// time: what it has not read when the next message comes, it reads together with that.
const (
	streamPiece = 8 << 10
	streamPause = 8 * time.Millisecond
)

// stream sends a content, and reports whether it was there to its end. A client waits
// for the size it was told, so what is missing goes out as zeroes, and when the server
// stops the rest goes out at once.
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
