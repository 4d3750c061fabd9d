package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// revision is a commit of the repository in whose root we are.
type revision struct {
	name    string // as it was asked for
	hash    string
	subject string // the first line of its message
}

// newRevision finds the commit that git knows by a name.
func newRevision(ctx context.Context, root, name string) (revision, error) {
	r := revision{name: name}
	if strings.HasPrefix(name, "-") {
		return r, fmt.Errorf("%q is no revision", name)
	}
	prefix, err := git(ctx, root, nil, "rev-parse", "--show-prefix")
	if err != nil {
		return r, err
	}
	if prefix != "" {
		return r, errors.New("run it in the repository's root")
	}
	if r.hash, err = git(ctx, root, nil, "rev-parse", "--verify", name+"^{commit}"); err != nil {
		return r, err
	}
	r.subject, err = git(ctx, root, nil, "log", "-1", "--format=%s", r.hash)
	return r, err
}

// writeTo writes the commit's files to a folder that is not there yet. It goes
// past the repository's own index and working tree, and leaves nothing in .git.
func (r revision) writeTo(ctx context.Context, root, folder string) error {
	index := folder + ".index"
	defer os.Remove(index)
	env := []string{"GIT_INDEX_FILE=" + index}
	if _, err := git(ctx, root, env, "read-tree", "--no-sparse-checkout", r.hash); err != nil {
		return err
	}
	_, err := git(ctx, root, env, "checkout-index", "--all", "--prefix="+folder+"/")
	return err
}

// describeTree says which commit the files in root are, and if they were changed.
func describeTree(ctx context.Context, root string) (string, error) {
	head, err := git(ctx, root, nil, "log", "-1", "--format=%h (%s)")
	if err != nil {
		return "", err
	}
	changed, err := git(ctx, root, nil, "status", "--porcelain")
	if changed != "" {
		head += " with changes that are not committed"
	}
	return head, err
}

// git runs a command that reads, and returns what it printed. It takes no locks,
// runs no hooks and refreshes no index; env is added to ours.
func git(ctx context.Context, root string, env []string, args ...string) (string, error) {
	args = append([]string{"--no-optional-locks", "-c", "core.hooksPath=" + os.DevNull, "-c", "core.splitIndex=false"}, args...)
	cmd := interruptible(ctx, root, "git", args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return "", fmt.Errorf("git %s: %w: %s", strings.Join(args[5:], " "), err, strings.TrimSpace(string(failed.Stderr)))
	}
	return strings.TrimSpace(string(out)), err
}
