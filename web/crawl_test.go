package web_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/web/ui/uitest"
)

const (
	maxHTML       = 60 << 10 // bytes of a page, not compressed
	maxRoundTrips = 3        // to the database, session included
	maxPages      = 150      // crawled for one role; past it lists repeat themselves
)

var (
	// internalLink finds the addresses a page leads to on the portal itself.
	internalLink = regexp.MustCompile(`(?:href|action)="(/[^"#]*)`)
	files        = regexp.MustCompile(`/documents/\{doc|\.zip$|/photo$`) // there are some only where pages lead to them
	numbers      = regexp.MustCompile(`[A-Z2-7]{26}|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+`)
	titleTag     = regexp.MustCompile(`<title>([^<]*)</title>`)
)

// follow tells whether the crawl goes there: some rows of each kind of page.
func follow(shapes map[string]int, link string) bool {
	if strings.HasPrefix(link, "/static/") {
		return false
	}
	shape := numbers.ReplaceAllString(link, "N")
	shapes[shape]++
	return shapes[shape] <= 3
}

// TestCrawl visits, as each role, every page that links lead to: no dead link, no
// page too heavy or too chatty, and nothing that uitest finds wrong.
func TestCrawl(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address, register := s.paths(t), s.registerPages(t)
	for _, role := range access.Roles {
		t.Run(string(role), func(t *testing.T) {
			b := s.signIn(t, accountOf[role])
			start := []string{"/"}
			if role != access.Public {
				start = append(start, "/tableau-de-bord")
			}
			switch role { // first, as the crawl stops somewhere: nothing leads to these
			case access.Public:
				start = append(register.open, start...)
			case access.Team:
				start = append(register.team, start...)
			}
			for _, r := range s.portal.Routes() {
				if r.Method == http.MethodGet && r.Who.IsPublic() && role == access.Public && !strings.Contains(r.Pattern, "token") && !files.MatchString(r.Pattern) {
					start = append(start, address(r.Pattern))
				}
			}
			s.crawl(t, b, start)
		})
	}
}

func (s *site) crawl(t *testing.T, b *browser, queue []string) {
	t.Helper()
	shapes, visited, titles := map[string]int{}, map[string]bool{}, map[string]string{}
	for len(queue) > 0 && len(visited) < maxPages {
		path := queue[0]
		queue = queue[1:]
		if visited[path] {
			continue
		}
		visited[path] = true
		before := s.queries.Load()
		a := b.get(path)
		trips := s.queries.Load() - before
		if a.status >= 400 && !postOnly(s, path) {
			t.Errorf("%s: status %d, and a page leads there", path, a.status)
			continue
		}
		if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			continue
		}
		if len(a.body) > maxHTML {
			t.Errorf("%s weighs %d bytes, %d at most", path, len(a.body), maxHTML)
		}
		if trips > maxRoundTrips {
			t.Errorf("%s makes %d round trips to the database, %d at most", path, trips, maxRoundTrips)
		}
		for _, p := range uitest.Problems(strings.NewReader(a.body)) {
			t.Errorf("%s: %s", path, p)
		}
		checkTitle(t, titles, path, a.body)
		dump(t, path, a.body)
		for _, m := range internalLink.FindAllStringSubmatch(a.body, -1) {
			if link := strings.ReplaceAll(m[1], "&amp;", "&"); follow(shapes, link) {
				queue = append(queue, link)
			}
		}
	}
	if len(visited) < 10 {
		t.Errorf("only %d pages were found: %v", len(visited), visited)
	}
}

// dump writes the page where PORTAL_DUMP says, for .ci/check-html (the W3C's
// validator); each kind of page once for each role.
func dump(t *testing.T, path, body string) {
	dir := os.Getenv("PORTAL_DUMP")
	if dir == "" {
		return
	}
	name := strings.NewReplacer("/", "_", "?", "_", "&", "_", "=", "-").Replace(numbers.ReplaceAllString(t.Name()+path, "N"))
	if err := os.WriteFile(filepath.Join(dir, name+".html"), []byte(body), 0o600); err != nil {
		t.Error(err)
	}
}

// checkTitle fails when two kinds of pages bear the same title (RGAA 8.6).
func checkTitle(t *testing.T, titles map[string]string, path, body string) {
	t.Helper()
	m := titleTag.FindStringSubmatch(body)
	if m == nil {
		t.Errorf("%s has no title", path)
		return
	}
	base, _, _ := strings.Cut(numbers.ReplaceAllString(path, "N"), "?")
	if other, ok := titles[m[1]]; ok && other != base {
		t.Errorf("%s and %s bear the same title: %s", path, other, m[1])
	}
	titles[m[1]] = base
}

// postOnly tells whether the address is one that forms post to and nobody reads: what
// answers a reader there, if anything, is the page of another pattern.
func postOnly(s *site, path string) bool {
	base, _, _ := strings.Cut(path, "?")
	router := s.portal.Router()
	read, sent := chi.NewRouteContext(), chi.NewRouteContext()
	return router.Match(sent, http.MethodPost, base) &&
		(!router.Match(read, http.MethodGet, base) || read.RoutePattern() != sent.RoutePattern())
}
