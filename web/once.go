package web

import (
	"net/http"
	"time"

	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/submission"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
)

const (
	waitForFirst = 8 * time.Second // how long a double click waits for the first
	askEvery     = 50 * time.Millisecond
	maxKey       = 64
)

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
		if key == "" || f.Review() {
			return next(w, r)
		}
		if len(key) > maxKey {
			return problem.New(problem.BadRequest, "Votre envoi n’a pas pu être lu.")
		}
		ctx, account := r.Context(), page.Actor(r).Account
		first, mine, err := s.claim(r, key)
		switch {
		case err != nil:
			return err
		case first != nil:
			return s.kit.Done(w, r, first.Location, first.Flash)
		case !mine:
			return problem.New(problem.Conflict, "Votre premier envoi est encore en cours. Attendez un instant, puis rechargez la page.")
		}
		ww := &locationWriter{ResponseWriter: w}
		err = next(ww, r)
		if err != nil || ww.status != http.StatusSeeOther {
			if releaseErr := submission.Release(ctx, s.db, key, account); releaseErr != nil && err == nil {
				return releaseErr
			}
			return err
		}
		return submission.Finish(ctx, s.db, key, account,
			submission.Outcome{Location: ww.Header().Get("Location"), Flash: s.kit.Sessions.PeekFlash(ctx)})
	}
}

// claim takes the key, waiting while another request treats the same form.
func (s *Server) claim(r *http.Request, key string) (first *submission.Outcome, mine bool, err error) {
	ctx, account := r.Context(), page.Actor(r).Account
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for end := time.Now().Add(waitForFirst); time.Now().Before(end); {
		first, mine, err = submission.Claim(ctx, s.db, key, account)
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

// locationWriter remembers the status written.
type locationWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader remembers the status and passes it on.
func (w *locationWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *locationWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
