package app

import (
	"context"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/vektah/gqlparser/v2/ast"

	"procyon/auth"
	"procyon/notifier"
)

// metrics are what an operator watches. No label holds a name, an ID or anything
// else that people chose, so they tell nothing of who asks for what.
type metrics struct {
	registry   *prometheus.Registry
	operations *prometheus.HistogramVec // seconds, of queries and mutations
	events     prometheus.Counter
	errors     *prometheus.CounterVec
	attempts   *prometheus.HistogramVec // seconds
	delivered  prometheus.Histogram     // seconds
}

func newMetrics(k *Core) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		operations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "procyon_operation_duration_seconds", Help: "Time to answer GraphQL queries and mutations, also the console's.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"type"}),
		events: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "procyon_subscription_executions_total", Help: "Executions of subscriptions; one serves all subscribers who ask for the same.",
		}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "procyon_operation_errors_total", Help: "GraphQL errors, by code.",
		}, []string{"code"}),
		attempts: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "procyon_delivery_attempt_duration_seconds", Help: "Tries to deliver notifications by this process, by outcome.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"outcome"}),
		delivered: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "procyon_delivery_age_seconds", Help: "Time from when a notification was owed until it was delivered.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60, 600, 3600},
		}),
	}
	m.registry.MustRegister(m.operations, m.events, m.errors, m.attempts, m.delivered,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "procyon_journal_entries_total", Help: "Entries in the journal."},
			func() float64 { return float64(k.Journal.Head()) }))
	return m
}

// handler serves them to whoever has a token with the scope metrics:read, and to
// administrators; refuse answers all others.
func (m *metrics) handler(refuse func(http.ResponseWriter, *http.Request, error)) http.Handler {
	next := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := auth.Allows(auth.From(r.Context()), auth.RoleAdmin, []string{auth.ScopeMetricsRead}, false)
		if err != nil {
			refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// attempted takes in what became of a try to deliver.
func (m *metrics) attempted(a notifier.Attempt) {
	m.attempts.WithLabelValues(string(a.Outcome)).Observe(a.Took.Seconds())
	if a.Outcome == notifier.OutcomeDelivered {
		m.delivered.Observe(a.Age.Seconds())
	}
}

// ExtensionName implements graphql.HandlerExtension.
func (m *metrics) ExtensionName() string { return "Metrics" }

// Validate implements graphql.HandlerExtension.
func (m *metrics) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptResponse implements graphql.ResponseInterceptor.
func (m *metrics) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	began := time.Now()
	resp := next(ctx)
	if resp == nil {
		return nil
	}
	if op := graphql.GetOperationContext(ctx); op.Operation == nil || op.Operation.Operation == ast.Subscription {
		m.events.Inc()
	} else {
		m.operations.WithLabelValues(string(op.Operation.Operation)).Observe(time.Since(began).Seconds())
	}
	for _, e := range resp.Errors {
		code, _ := e.Extensions["code"].(string)
		m.errors.WithLabelValues(code).Inc()
	}
	return resp
}
