package web

import "time"

// AddRoutes adds lines to the table, for the tests of the layers around it.
func (s *Server) AddRoutes(trustedProxies int, routes ...Route) error {
	s.routes = append(s.routes, routes...)
	return s.build(trustedProxies)
}

// SetDeadline shortens the time a request may last.
func (s *Server) SetDeadline(d time.Duration) { s.deadline = d }
