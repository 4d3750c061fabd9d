package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"
)

const (
	// DefaultTimeout bounds one query or mutation, from dialling to the last byte
	// of the answer, unless the caller's context or HTTP client is stricter.
	DefaultTimeout = 30 * time.Second
	// actForHeader names the person that a service acts for.
	actForHeader = "Procyon-Act-For"
	// maxAnswer bounds what is read of one answer, in bytes.
	maxAnswer = 32 << 20
)

// Options say where the server is and who is calling.
type Options struct {
	// URL is the address of the API, such as https://procyon.example.com/graphql.
	URL string
	// Token is an API token. It is sent to URL alone, and is never in an error.
	Token string
	// HTTPClient makes the requests; nil is one of our own, which follows no
	// redirect. The TLS settings, the proxy and the dialler of its *http.Transport
	// serve WebSocket connections too.
	HTTPClient *http.Client
}

// Client calls a server. It is safe for concurrent use. Make one with [New].
type Client struct {
	url    *url.URL
	token  string
	actFor string
	http   *http.Client
}

// New makes a Client. It connects to nothing yet.
func New(o Options) (*Client, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("client: the gateway's URL must look like https://procyon.example.com/graphql")
	}
	if u.User != nil || u.Fragment != "" {
		return nil, errors.New("client: the gateway's URL must hold no user name, password or fragment")
	}
	if o.HTTPClient == nil {
		o.HTTPClient = newHTTPClient()
	}
	return &Client{url: u, token: o.Token, http: o.HTTPClient}, nil
}

func newHTTPClient() *http.Client {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          128,
		MaxIdleConnsPerHost:   128, // there is one host
		IdleConnTimeout:       30 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
	return &http.Client{
		Transport:     t,
		Timeout:       DefaultTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// ActFor returns a client that acts for a person, by their ID, over the same
// connections. The token needs a scope that allows it.
func (c *Client) ActFor(userID string) *Client {
	other := *c
	other.actFor = userID
	return &other
}

// Close drops idle connections. Calls under way are not disturbed.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// envelope is a request of GraphQL over HTTP, and the payload of a subscribe.
type envelope struct {
	Query     string `json:"query"`
	Variables any    `json:"variables,omitempty"`
}

// answer is a GraphQL response.
type answer struct {
	Data   json.RawMessage `json:"data"`
	Errors []GraphQLError  `json:"errors"`
}

// hasData tells whether there is more than null.
func (a *answer) hasData() bool { return len(a.Data) > 0 && string(a.Data) != "null" }

// Do runs a query or mutation once and decodes its data into out, a pointer, or
// nil where it is of no interest. vars is anything that encodes to a JSON object,
// or nil. It retries nothing: after a failure that [IsRetryable] tells of, a
// mutation may or may not have been done.
//
// The error is an *[Error], also where part of the data arrived and was decoded,
// or the context's. Expected failures of a mutation are not errors here: select
// userErrors and look at [UserErrors].
func (c *Client) Do(ctx context.Context, query string, vars, out any) error {
	body, err := json.Marshal(envelope{Query: query, Variables: vars})
	if err != nil {
		return fmt.Errorf("client: encode variables: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url.String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("client: %w", err)
	}
	req.Header = c.header()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/graphql-response+json, application/json;q=0.9")
	resp, err := c.http.Do(req)
	if err != nil {
		return networkError(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return networkError(ctx, err)
	}
	if len(data) > maxAnswer {
		return &Error{Status: resp.StatusCode, Code: CodeProtocol, Message: "the answer is too long; ask for less at a time"}
	}
	return decodeAnswer(resp, data, out)
}

func (c *Client) header() http.Header {
	h := http.Header{"User-Agent": {"procyon-client"}}
	if c.token != "" {
		h.Set("Authorization", "Bearer "+c.token)
	}
	if c.actFor != "" {
		h.Set(actForHeader, c.actFor)
	}
	return h
}

// decodeAnswer judges an answer by its body where that is GraphQL, else by its
// status.
func decodeAnswer(resp *http.Response, data []byte, out any) error {
	media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	isGraphQL := err == nil && (media == "application/graphql-response+json" || media == "application/json")
	var a answer
	if !isGraphQL || json.Unmarshal(data, &a) != nil || len(a.Errors) == 0 && !a.hasData() {
		return statusError(resp.StatusCode)
	}
	if out != nil && a.hasData() {
		if err := json.Unmarshal(a.Data, out); err != nil {
			return &Error{Status: resp.StatusCode, Code: CodeProtocol, Message: "the answer's data is not of the expected form", cause: err}
		}
	}
	if len(a.Errors) > 0 {
		return graphQLError(resp.StatusCode, a.Errors)
	}
	return nil
}
