package page_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/page"
)

func TestStatusOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want int
	}{
		{errors.New("anything"), 500},
		{page.Panicked{Value: "x"}, 500},
		{&pgconn.PgError{Code: "42P01"}, 500}, // a mistake of ours is an incident
		{&pgconn.PgError{Code: "23505"}, 500},
		{io.ErrUnexpectedEOF, 503}, // the server was killed under a query
		{io.EOF, 503},
		{context.DeadlineExceeded, 503},
		{context.Canceled, 503},
		{&pgconn.PgError{Code: "57P01"}, 503},
		{&pgconn.PgError{Code: "53300"}, 503},
		{&pgconn.PgError{Code: "53100"}, 503},
		{&pgconn.PgError{Code: "55P03"}, 503},
		{errors.New("closed pool"), 503},
		{page.ErrMethod, 405},
		{page.ErrNotFound, 404},
		{page.Refused{}, 403},
		{problem.New(problem.TooLarge, ""), 413},
		{problem.New(problem.Invalid, ""), 422},
	} {
		for _, err := range []error{c.err, fmt.Errorf("read a page: %w", c.err)} {
			if got := page.StatusOf(err); got != c.want {
				t.Errorf("StatusOf(%v) = %d, want %d", err, got, c.want)
			}
		}
	}
}

func TestLogPath(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"/instances/cmtin?le=2026-01-01":                                "/instances/cmtin",
		"/equipe/courriels/6f9619ff-8b86-d011-b42d-00c04fc964ff/renvoi": "/equipe/courriels/6f9619ff-8b86-d011-b42d-00c04fc964ff/renvoi",
		"/Invitation/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ/":      "/Invitation/…/",
		"/rien/prenom.nom@example.org":                                  "/rien/…",
		"/rien/prenom.nom%40example.org/suite":                          "/rien/…/suite",
	} {
		if got := page.LogPath(httptest.NewRequest("GET", in, nil)); got != want {
			t.Errorf("LogPath(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestSecretFields(t *testing.T) {
	t.Parallel()
	for name, secret := range map[string]bool{"mot_de_passe": true, "mot_de_passe_actuel": true, "code": true, "nouveau_mot_de_passe": true, "nom": false, "_cle": false} {
		if page.IsSecretField(name) != secret {
			t.Errorf("%s: secret = %v", name, !secret)
		}
	}
}
