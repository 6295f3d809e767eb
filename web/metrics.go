package web

import (
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"bordeaux-metropole.fr/portal/web/page"
)

// metrics counts what the portal does, for GET /metrics.
type metrics struct {
	registry *prometheus.Registry
	duration *prometheus.HistogramVec
}

func newMetrics(pool *pgxpool.Pool) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "portal_http_request_seconds",
			Help:    "Time to answer, by route and status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5},
		}, []string{"method", "route", "status"}),
	}
	m.registry.MustRegister(m.duration, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	gauge := func(name, help string, value func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
	}
	gauge("portal_db_connections_in_use", "Connections a request or a job holds.",
		func() float64 { return float64(pool.Stat().AcquiredConns()) })
	gauge("portal_db_connections_open", "Connections open to the database.",
		func() float64 { return float64(pool.Stat().TotalConns()) })
	return m
}

func (m *metrics) observe(method, route string, status int, took time.Duration) {
	if status == 0 {
		status = http.StatusOK
	}
	m.duration.WithLabelValues(knownMethod(method), route, strconv.Itoa(status)).Observe(took.Seconds())
}

// knownMethod keeps the number of labels small: anybody can make up a method.
func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}

// showMetrics answers on the loopback address, or to whoever brings the token
// when one is set (PORTAL_METRICS_TOKEN). To anybody else the page does not exist.
func (s *Server) showMetrics(w http.ResponseWriter, r *http.Request) error {
	if !s.mayReadMetrics(r) {
		return page.ErrNotFound
	}
	promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}).ServeHTTP(w, r)
	return nil
}

func (s *Server) mayReadMetrics(r *http.Request) bool {
	if s.metricsToken != "" {
		want := "Bearer " + s.metricsToken
		return subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte(want)) == 1
	}
	// A request that a proxy of this machine passed on comes from the loopback
	// address too, whoever made it and however many proxies we were told of.
	for _, h := range []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback()
}
