package main

import (
	"errors"
	"io"
	"net"
	"syscall"
)

// ears reads from many connections in one thread.
type ears struct {
	a     *audience
	epoll int
	idle  bool
	conns map[int32]*frames
}

func newEars(a *audience) (*ears, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	return &ears{a: a, epoll: fd, conns: map[int32]*frames{}}, err
}

// add takes a connection over. It may not be called once listen was.
func (e *ears) add(conn net.Conn) error {
	fd, err := duplicate(conn)
	if err != nil {
		return err
	}
	conn.Close()
	e.conns[int32(fd)] = &frames{}
	return syscall.EpollCtl(e.epoll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)})
}

// duplicate returns a descriptor that Go's own poller knows nothing of: it would
// be woken for each message.
func duplicate(conn net.Conn) (fd int, err error) {
	system, ok := conn.(syscall.Conn)
	if !ok {
		return 0, errors.New("the connection is not the system's")
	}
	raw, err := system.SyscallConn()
	if err != nil {
		return 0, err
	}
	outer := raw.Control(func(original uintptr) { fd, err = syscall.Dup(int(original)) })
	return fd, errors.Join(outer, err)
}

// listen reads for ever.
func (e *ears) listen() {
	events, buf := make([]syscall.EpollEvent, 256), make([]byte, 64<<10)
	for {
		sleep := 10 // ms
		if e.a.hurried.Load() {
			sleep = 0
			if e.idle {
				ts := syscall.NsecToTimespec(5e6)
				_ = syscall.Nanosleep(&ts, nil)
			}
		}
		n, err := syscall.EpollWait(e.epoll, events, sleep)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			e.a.lost(err)
			return
		}
		e.idle = n <= 0
		for _, event := range events[:max(n, 0)] {
			e.hear(int(event.Fd), buf)
		}
	}
}

func (e *ears) hear(fd int, buf []byte) {
	n, err := syscall.Read(fd, buf)
	if err == nil && n == 0 {
		err = io.EOF
	}
	if err != nil {
		if !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, syscall.EINTR) {
			e.a.lost(err)
			syscall.Close(fd) // which takes it out of epoll too
		}
		return
	}
	if pongs := e.a.heard(e.conns[int32(fd)], buf[:n]); len(pongs) > 0 {
		_, _ = syscall.Write(fd, pongs)
	}
}
