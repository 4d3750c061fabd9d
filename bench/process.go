package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// process is another process of this program, in a role. It is asked in lines,
// and answers each with one.
type process struct {
	role string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

// startRole starts a process that is killed when ctx ends. env is added to ours.
func startRole(ctx context.Context, role string, env []string, args ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{role: role, cmd: exec.CommandContext(ctx, self, append([]string{"-role", role}, args...)...)}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stderr = os.Stderr
	p.cmd.WaitDelay = time.Second
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	return p, p.cmd.Start()
}

const failed = "error: "

// ask sends a line, unless it is empty, and returns the next line of the answer.
func (p *process) ask(format string, args ...any) (string, error) {
	if format != "" {
		if _, err := fmt.Fprintf(p.in, format+"\n", args...); err != nil {
			return "", fmt.Errorf("%s: %w", p.role, err)
		}
	}
	line, err := p.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("%s ended instead of answering %q: %w", p.role, fmt.Sprintf(format, args...), err)
	}
	line = strings.TrimSuffix(line, "\n")
	if why, is := strings.CutPrefix(line, failed); is {
		return "", fmt.Errorf("%s: %s", p.role, why)
	}
	return line, nil
}

// askNumbers scans an answer that is made of numbers.
func (p *process) askNumbers(line string, into ...any) error {
	answer, err := p.ask("%s", line)
	if err != nil {
		return err
	}
	if _, err := fmt.Sscan(answer, into...); err != nil {
		return fmt.Errorf("%s answered %q to %q: %w", p.role, answer, line, err)
	}
	return nil
}

// profiled has a process make a CPU profile while something is done; nil: no process.
func (p *process) profiled(path string, do func() error) error {
	if p == nil {
		return do()
	}
	if _, err := p.ask("profile %s", path); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	_, err := p.ask("profile")
	return err
}

// stop lets the process end by itself, and kills it if that takes too long.
func (p *process) stop() error {
	p.in.Close()
	late := time.AfterFunc(10*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	_, _ = io.Copy(io.Discard, p.out)
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w", p.role, err)
	}
	return nil
}

// answerLines is a role's side: it says hello, answers lines, and returns when
// stdin ends.
func answerLines(hello string, answer func(command string, args []string) (string, error)) error {
	fmt.Fprintln(os.Stdout, hello)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) == 0 {
			return errors.New("asked with an empty line")
		}
		said, err := answer(words[0], words[1:])
		if err != nil {
			said = failed + strings.ReplaceAll(err.Error(), "\n", "; ")
		}
		fmt.Fprintln(os.Stdout, said)
	}
	return lines.Err()
}
