package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/pprof"
	"strconv"
	"time"
)

const roleServer = "subscription-server"

// serveRole serves subscribers of one kind, which is its argument, and does as
// it is told:
//
//	publish n     n events at once
//	subscribed    how many there are
//	cpu           µs of the processors used so far
//	memory        bytes resident, of the heap and of the stacks, after a collection
//	profile file  begins a CPU profile
//	profile       ends it
func serveRole(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("it takes one argument, the kind")
	}
	k, ok := newKind(args[0])
	if !ok {
		return fmt.Errorf("there is no kind %q", args[0])
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: k, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	return answerLines(listener.Addr().String(), func(command string, args []string) (string, error) {
		return obey(k, command, args)
	})
}

func obey(k kind, command string, args []string) (string, error) {
	switch {
	case command == "publish" && len(args) == 1:
		n, err := strconv.Atoi(args[0])
		if err != nil {
			return "", err
		}
		return "ok", k.publish(n)
	case command == "subscribed":
		return strconv.Itoa(k.subscribed()), nil
	case command == "cpu":
		used, err := cpuTime()
		return strconv.FormatInt(used.Microseconds(), 10), err
	case command == "memory":
		f := measureFootprint()
		return fmt.Sprint(f.resident, f.heap, f.stacks), nil
	case command == "profile" && len(args) == 1:
		f, err := os.Create(args[0])
		if err != nil {
			return "", err
		}
		return "ok", pprof.StartCPUProfile(f)
	case command == "profile":
		pprof.StopCPUProfile()
		return "ok", nil
	}
	return "", fmt.Errorf("no such command: %s", command)
}
