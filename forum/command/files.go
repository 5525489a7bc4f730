package command

import (
	"context"
	"io"

	"sshforum/forum/rules"
)

func listFiles(ctx context.Context, c *Call) (Result, error) {
	thread := c.Args.Word("thread")
	files, err := c.Service.Files(ctx, c.Actor, rules.Place{Thread: thread})
	if c.Args.Flag("unfold") {
		for i := range files {
			files[i].Folded = false
		}
	}
	return FileList{Thread: thread, Files: files}, err
}

func uploadFile(ctx context.Context, c *Call) (Result, error) {
	thread, name := c.Args.Word("thread"), c.Args.Word("name")
	if !c.Door.Streams() {
		_, err := c.Service.Thread(ctx, c.Actor, thread)
		return CopyHint{Upload: true, Thread: thread, Name: name}, err
	}
	in := c.Door.In() // even if the upload is refused
	u, err := c.Service.Upload(ctx, c.Actor, rules.Place{Thread: thread}, name, rules.UploadOptions{Final: true, Replace: c.Args.Flag("replace")})
	if err != nil {
		return nil, err
	}
	if err := copyInput(ctx, u, in, c.Door.Progress(c.Args.Flag("progress"))); err != nil {
		_ = u.Leave(ctx, true)
		return nil, err
	}
	done, err := u.Complete(ctx)
	return FileUploaded{done}, err
}

// copyInput writes all of in to an upload.
func copyInput(ctx context.Context, u *rules.Upload, in io.Reader, progress func(bytes int64)) error {
	buffer := make([]byte, 256<<10)
	for at := int64(0); ; {
		n, err := io.ReadFull(in, buffer)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if _, err := u.WriteAt(buffer[:n], at); err != nil {
			return err
		}
		at += int64(n)
		progress(at)
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return nil
		default:
			return err
		}
	}
}

func downloadFile(ctx context.Context, c *Call) (Result, error) {
	thread, name := c.Args.Word("thread"), c.Args.Word("name")
	if !c.Door.Streams() {
		_, err := c.Service.File(ctx, c.Actor, rules.Place{Thread: thread}, name)
		return CopyHint{Thread: thread, Name: name}, err
	}
	info, content, err := c.Service.OpenFile(ctx, c.Actor, rules.Place{Thread: thread}, name)
	return FileContent{Info: info, Content: content, Progress: c.Door.Progress(c.Args.Flag("progress"))}, err
}
