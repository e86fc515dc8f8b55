package repl

import (
	"bytes"
	"errors"
	"io"
	"syscall"
)

// stdin is the input as scripts see it. The programs that they start get the file that
// it comes from.
type stdin input

func (s *stdin) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := (*input)(s).read(p, false)
	if s.raw { // it may have come before the terminal's mode was switched
		copy(p, bytes.ReplaceAll(p[:n], []byte("\r"), []byte("\n")))
	}
	return n, err
}

// fileStdin is a stdin that has a descriptor.
type fileStdin struct{ *stdin }

func (s fileStdin) SyscallConn() (syscall.RawConn, error) { return rawConn(s.r) }

// stdout is Out as scripts see it.
type stdout Prompt

func (s *stdout) Write(p []byte) (int, error)           { return (*Prompt)(s).write(p) }
func (s *stdout) SyscallConn() (syscall.RawConn, error) { return rawConn(s.c.Out) }

var (
	_ io.Reader    = (*stdin)(nil)
	_ syscall.Conn = fileStdin{}
	_ syscall.Conn = (*stdout)(nil)
)

func rawConn(stream any) (syscall.RawConn, error) {
	if c, ok := stream.(syscall.Conn); ok {
		return c.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}
