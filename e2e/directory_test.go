package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// directory is what a company's directory asks of a server.
type directory struct {
	t     *testing.T
	token string
}

// call makes a call, and returns its answer's status and body.
func (d *directory) call(g *server, method, path, body string) (int, map[string]any, error) {
	r, err := http.NewRequestWithContext(d.t.Context(), method, "http://"+g.address+"/scim/v2"+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+d.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/scim+json")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil, err
	}
	out := map[string]any{}
	if len(text) > 0 {
		err = json.Unmarshal(text, &out)
	}
	return resp.StatusCode, out, err
}

// makes makes something, and returns its ID.
func (d *directory) makes(g *server, path, body string) string {
	d.t.Helper()
	status, out, err := d.call(g, http.MethodPost, path, body)
	if err != nil || status != http.StatusCreated {
		d.t.Fatalf("POST %s: %d %v %v", path, status, out, err)
	}
	id, _ := out["id"].(string)
	return id
}

// members is how many people are in a group.
func (d *directory) members(g *server, group string) int {
	d.t.Helper()
	status, out, err := d.call(g, http.MethodGet, "/Users?count=0&filter="+url.QueryEscape(`groups.value eq "`+group+`"`), "")
	if err != nil || status != http.StatusOK {
		d.t.Fatalf("%d %v %v", status, out, err)
	}
	n, _ := out["totalResults"].(float64)
	return int(n)
}

const patchOp = `"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]`

// A server that is killed while it puts many people into a group is followed by another.
// Behind a balancer, what one server has made the other finds at once.
func TestDirectoryOfAKilledServer(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, store func(t *testing.T) string) {
		people := 1200
		if strings.HasSuffix(t.Name(), "ferretdb") {
			people = 60
		}
		b := newBed(t, store(t))
		one, other := b.serve("none"), b.serve("none")
		front := &server{b: b, address: b.balancer(one, other)}
		d := &directory{t, strings.TrimSpace(b.must("token", "create", "--name", "directory", "--scope", "scim"))}
		b.tok["directory"] = d.token
		ids := make([]string, people)
		var all sync.WaitGroup
		for w := range 8 {
			all.Go(func() {
				for i := w; i < people; i += 8 {
					to := one
					if i%32 < 8 && i < 200 { // two that write at once wait for each other much
						to = front
					}
					status, out, err := d.call(to, http.MethodPost, "/Users", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"p%d@example.com","active":true}`, i))
					if err != nil || status != http.StatusCreated {
						t.Errorf("%d %v %v", status, out, err)
						return
					}
					ids[i], _ = out["id"].(string)
				}
			})
		}
		all.Wait()
		if t.Failed() {
			return
		}
		group := d.makes(front, "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Everybody"}`)
		var body strings.Builder
		fmt.Fprintf(&body, `{%s,"Operations":[{"op":"Add","path":"members","value":[`, patchOp)
		for i, id := range ids {
			fmt.Fprintf(&body, `%s{"value":%q}`, strings.Repeat(",", min(i, 1)), id)
		}
		body.WriteString(`]}]}`)
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			_, _, _ = d.call(one, http.MethodPatch, "/Groups/"+group, body.String()) // it is cut off
		}()
		eventually(t, "some are in", func() bool { return d.members(other, group) > 0 })
		one.kill()
		<-answered
		if n := d.members(other, group); n == people {
			t.Fatal("it was killed too late")
		}
		eventually(t, "the other server finishes", func() bool { return d.members(other, group) == people })
		// The next change begins where the last one ended, whoever makes it.
		status, out, err := d.call(other, http.MethodPatch, "/Groups/"+group, fmt.Sprintf(`{%s,"Operations":[{"op":"Remove","path":"members","value":[{"value":%q}]}]}`, patchOp, ids[0]))
		if err != nil || status >= 300 || d.members(other, group) != people-1 {
			t.Errorf("%d %v %v", status, out, err)
		}
		// Who is deactivated is out when that is answered, on every server.
		status, out, err = d.call(other, http.MethodPatch, "/Users/"+ids[1], fmt.Sprintf(`{%s,"Operations":[{"op":"Replace","path":"active","value":"False"}]}`, patchOp))
		if err != nil || status != http.StatusOK || out["active"] != false {
			t.Errorf("%d %v %v", status, out, err)
		}
		other.stop()
		b.must("journal", "verify")
	})
}
