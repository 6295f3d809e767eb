package dashboard

import (
	"net/http"
	"os"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/web/static"
)

func TestZZServe(t *testing.T) {
	addr := os.Getenv("ZZSERVE")
	if addr == "" {
		t.Skip()
	}
	mux := http.NewServeMux()
	mux.Handle("/static/", static.Handler())
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		for _, s := range samples() {
			if "/"+s.name == r.URL.Path {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_ = s.page.Render(r.Context(), w)
			}
		}
	})
	go http.ListenAndServe(addr, mux)
	time.Sleep(90 * time.Second)
}
