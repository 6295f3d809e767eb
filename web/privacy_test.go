package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestPublicPagesNameNobodyWhoActsForAStructure: the deliberation says that
// structures sit in the GNI; who speaks for them, and delegates and alternates'
// addresses, are not the public's business.
func TestPublicPagesNameNobodyWhoActsForAStructure(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	rows, err := s.pool.Query(t.Context(), `
		SELECT p.first_name || ' ' || p.last_name, p.email FROM person p
		WHERE EXISTS (SELECT FROM mandate m JOIN seat s ON s.id = m.seat_id WHERE m.person_id = p.id AND s.kind = 'structure')
		  AND NOT EXISTS (SELECT FROM mandate m JOIN seat s ON s.id = m.seat_id WHERE m.person_id = p.id AND s.kind <> 'structure')
		UNION
		SELECT p.first_name || ' ' || p.last_name, p.email FROM person p JOIN membership n ON n.person_id = p.id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name, email string
		if err := rows.Scan(&name, &email); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if len(names) < 100 {
		t.Fatalf("only %d people to look for", len(names))
	}
	b := s.browser(t)
	for _, path := range []string{
		"/", "/instances", "/instances/gni", "/instances/gni?page=2", "/instances/gni?page=4", "/instances/gni.csv", "/instances/gni.json",
		"/instances/gni/differences?du=2024-12-01", "/communes", "/communes/33039", "/deliberation",
		"/recherche?q=" + url.QueryEscape(names[0]),
	} {
		a := b.get(path)
		if a.status != http.StatusOK {
			t.Errorf("%s: status %d", path, a.status)
		}
		body, _, _ := strings.Cut(a.body, "<footer")
		for _, name := range names {
			if name == names[0] && strings.HasPrefix(path, "/recherche") {
				continue // said back to whoever typed it
			}
			if strings.Contains(body, name) {
				t.Errorf("%s names %s", path, name)
			}
		}
		if strings.Contains(body, "@example.org") {
			t.Errorf("%s gives an address", path)
		}
	}
}
