package graph

import (
	"context"
	"time"

	"procyon/problem"
)

// problems is what the caller can mend, the worst so many.
func (r *Resolver) problems(ctx context.Context, first int) (*ProblemList, error) {
	n, err := count("first", &first)
	if err != nil {
		return nil, err
	}
	found, err := r.Problems.Find(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return &ProblemList{Problems: each(found.Problems[:min(len(found.Problems), n)], r.toProblem), Count: found.Count}, nil
}

func (r *Resolver) toProblem(p problem.Problem) *Problem {
	u := r.PublicURL.JoinPath(p.Path)
	u.RawQuery = p.Query
	out := &Problem{Key: p.Key, Kind: ProblemKind(p.Kind), Text: p.Text, Mend: p.Mend, URL: u.String()}
	if p.Since != (time.Time{}) {
		out.Since = &p.Since
	}
	return out
}
