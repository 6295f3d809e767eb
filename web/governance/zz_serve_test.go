package governancepages

import (
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/web/static"
)

func TestZZServe(t *testing.T) {
	if os.Getenv("ZZ") == "" {
		t.Skip()
	}
	s, _ := seed(t.Context(), t, pgtest.Pool(t))
	mux := router(s).(*chi.Mux)
	mux.Handle("/static/*", static.Handler())
	go func() { _ = http.ListenAndServe("127.0.0.1:8099", mux) }()
	time.Sleep(25 * time.Minute)
}
