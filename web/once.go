package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5/middleware"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/submission"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
)

const (
	waitForFirst = 8 * time.Second // how long a double click waits for the first
	askEvery     = 50 * time.Millisecond
	settleWithin = 3 * time.Second
	maxKey       = 64
)

var errKey = problem.New(problem.BadRequest, "Votre envoi n’a pas pu être lu.")

// once makes a form sent twice have one effect: the second sending waits for the
// first and is led where it led. A form shown again for correction gives its key
// back. A form without a key is treated as it comes.
func (s *Server) once(next page.Handler) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := form.Read(r)
		if err != nil {
			return err
		}
		key := f.Value(form.KeyField)
		// Nobody's form has a key: no page without an account does anything twice,
		// and a stranger must not fill the table.
		if key == "" || f.Review() || !page.Actor(r).SignedIn() {
			return next(w, r)
		}
		if len(key) > maxKey {
			return errKey
		}
		ctx, account := r.Context(), page.Actor(r).Account
		first, mine, err := s.claim(r, key)
		switch {
		case err != nil:
			return err
		case first != nil:
			return s.kit.Done(w, r, first.Location, first.Flash)
		case !mine:
			// Unavailable, so that the page keeps what was typed.
			return problem.New(problem.Unavailable, "Votre premier envoi est encore en cours. Attendez un instant, puis réessayez.")
		}
		ww := &locationWriter{ResponseWriter: w}
		defer func() { s.settle(ctx, key, account, ww) }() // after a panic too
		return next(ww, r)
	}
}

// keyed refuses a key that no form of ours has, where forms are not treated once.
func keyed(next page.Handler) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := form.Read(r)
		if err != nil {
			return err
		}
		if len(f.Value(form.KeyField)) > maxKey {
			return errKey
		}
		return next(w, r)
	}
}

// settle records where the form led, or gives its key back. The answer has left
// and the work is done or undone: a failure here is for the log, and a reader who
// left, as a double click makes the browser do, changes nothing.
func (s *Server) settle(ctx context.Context, key string, account access.AccountID, ww *locationWriter) {
	flash := s.kit.Sessions.PeekFlash(ctx)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
	defer cancel()
	var err error
	if ww.status == http.StatusSeeOther {
		err = submission.Finish(ctx, s.pool, key, account, submission.Outcome{Location: ww.location, Flash: flash})
	} else {
		err = submission.Release(ctx, s.pool, key, account)
	}
	if err != nil {
		slog.ErrorContext(ctx, "settle a submission", "request_id", middleware.GetReqID(ctx), "error", err)
	}
}

// claim takes the key, waiting while another request treats the same form.
func (s *Server) claim(r *http.Request, key string) (first *submission.Outcome, mine bool, err error) {
	ctx, account := r.Context(), page.Actor(r).Account
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for end := time.Now().Add(waitForFirst); time.Now().Before(end); {
		first, mine, err = submission.Claim(ctx, s.pool, key, account)
		if err != nil || mine || first != nil {
			return first, mine, err
		}
		select {
		case <-ctx.Done():
			return nil, false, ctx.Err()
		case <-tick.C:
		}
	}
	return nil, false, nil
}

// locationWriter remembers the status written, and where it leads.
type locationWriter struct {
	http.ResponseWriter
	status   int
	location string
}

// WriteHeader remembers the status and the Location, which a session that cannot
// be saved takes off, and passes the status on.
func (w *locationWriter) WriteHeader(status int) {
	w.status, w.location = status, w.Header().Get("Location")
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *locationWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
