package web_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/web/browsertest"
)

// TestJourneyVisitor: somebody who knows nothing finds who sits in the CMTIN, on a
// past day, what changed since, takes the list away, and finds their commune.
func TestJourneyVisitor(t *testing.T) {
	inTwoWays(t, func(t *testing.T, o browsertest.Options) {
		s := newSite(t)
		v := s.open(t, o)
		v.at("/")
		v.follow("Voir qui siège")
		v.follow("Comité métropolitain territorial pour l’inclusion numérique")
		if got := v.path(); got != "/instances/cmtin" {
			t.Fatalf("led to %s", got)
		}
		v.write("À la date du", "1er janvier 2025")
		v.sends("Afficher")
		v.reads("Composition au mercredi 1er janvier 2025")
		composition := v.path()
		if !strings.Contains(composition, "le=") {
			t.Errorf("the day is not in the address %s", composition)
		}
		file := v.href("CSV")
		v.follow("Voir ce qui a changé entre deux dates")
		v.reads("Remplacements")
		v.write("Du", "1/1/2025")
		v.write("Au", "1/6/2026")
		v.sends("Comparer")
		v.reads("entre le 1er janvier 2025 et le 1er juin 2026.", "remplace")

		// A browser would save the file: it is read here as it comes.
		a := s.browser(t).get(file)
		if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "text/csv") {
			t.Fatalf("%s: status %d, %s", file, a.status, a.header.Get("Content-Type"))
		}
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff")))
		r.Comma = ';'
		lines, err := r.ReadAll()
		if err != nil || len(lines) < 40 {
			t.Errorf("%s: %d lines, %v", file, len(lines), err)
		}

		v.follow("Communes")
		v.mark("tile", ".tiles a", "Bègles", "e => e")
		if status := v.Submit(found); status != http.StatusOK || v.path() != "/communes/33039" {
			t.Errorf("the tile of Bègles leads to %s, status %d", v.path(), status)
		}
		v.reads("Maire de Bègles")
	})
}

// href returns where a link leads.
func (v *visitor) href(link string) string {
	v.t.Helper()
	v.mark("link", "main a[href]", link, "e => e")
	return browsertest.Eval[string](v.Tab, `document.querySelector("[data-found]").getAttribute("href")`)
}
