package sftpext

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"
)

// endless is a channel on which a client sends the same packet for ever and takes all.
type endless struct {
	packet []byte
	unread []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.unread) == 0 {
		e.unread = e.packet
	}
	n := copy(p, e.unread)
	e.unread = e.unread[n:]
	return n, nil
}

func (e *endless) Write(p []byte) (int, error) { return len(p), nil }
func (e *endless) Close() error                { return nil }

// BenchmarkUpload reads requests as pkg/sftp does, through a filter and without one.
func BenchmarkUpload(b *testing.B) {
	for _, size := range []int{32 << 10, TransferLength} {
		channel := &endless{packet: writing(1, "1", 0, strings.Repeat("x", size))}
		for name, reader := range map[string]io.Reader{"filtered": New(channel, Config{}), "bare": channel} {
			b.Run(fmt.Sprint(name, "/", size), func(b *testing.B) {
				page := make([]byte, PacketLength)
				channel.unread = nil
				b.SetBytes(int64(size))
				for b.Loop() {
					if _, err := io.ReadFull(reader, page[:4]); err != nil {
						b.Fatal(err)
					}
					if _, err := io.ReadFull(reader, page[:binary.BigEndian.Uint32(page)]); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkDownload writes replies like pkg/sftp. The channel copies nothing, so the time is
// that of the filter.
func BenchmarkDownload(b *testing.B) {
	for _, size := range []int{32 << 10, TransferLength} {
		data := packet(103, 1, content(strings.Repeat("x", size)))
		filter := New(&endless{}, Config{})
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := filter.Write(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
