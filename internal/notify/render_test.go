package notify

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

func TestRender(t *testing.T) {
	t.Parallel()
	m := invitation()
	m.Paragraphs = append(m.Paragraphs, "Deux\r\nlignes.")
	text, page := m.render()
	wantText := `Bonjour Camille Œuvrard,

Un compte vous attend & <voilà>.

Deux
lignes.

Choisir mon mot de passe` + "\u00a0" + `:
{{lien}}

` + secretNote + `

L’équipe inclusion numérique de Bordeaux Métropole

-- 
` + usualWhy + "\n"
	if text != wantText {
		t.Errorf("text part:\n%s\nwant:\n%s", text, wantText)
	}
	for _, part := range []string{
		`<html lang="fr"`, "Un compte vous attend &amp; &lt;voilà&gt;.", "Deux<br>\nlignes.", `<a href="{{lien}}"`,
		"Choisir mon mot de passe</a>", "Bonjour Camille Œuvrard,", signature, usualWhy, secretNote,
	} {
		if !strings.Contains(page, part) {
			t.Errorf("HTML part lacks %q:\n%s", part, page)
		}
	}
	if strings.Contains(text+page, "SECRET") {
		t.Error("a body holds the secret link")
	}
	text, page = withSecret(text, page, m.Link)
	if !strings.Contains(text, "\n"+m.Link+"\n") || !strings.Contains(page, `href="https://portail.example.org/invitation/SECRET?a=1&amp;b=2"`) {
		t.Errorf("the link was not put in:\n%s\n%s", text, page)
	}
}

func TestRenderWithout(t *testing.T) {
	t.Parallel()
	text, page := Mail{Subject: "Objet", Paragraphs: []string{"Un."}, Why: "Parce que."}.render()
	if !strings.HasPrefix(text, "Bonjour,\n\nUn.\n\n"+signature) || !strings.Contains(text, "Parce que.") {
		t.Errorf("no name, no link:\n%s", text)
	}
	if strings.Contains(page, "<a ") || strings.Contains(page, usualWhy) {
		t.Errorf("a link nobody asked for, or the usual reason:\n%s", page)
	}
	_, page = Mail{Link: "https://example.org/"}.render()
	if !strings.Contains(page, "Ouvrir le portail</a>") {
		t.Errorf("a link without label:\n%s", page)
	}
}

// TestRenderEscapes puts markup in every field and expects none in the page.
func TestRenderEscapes(t *testing.T) {
	t.Parallel()
	const evil = `"><script>alert(1)</script><img src=x onerror=y>&amp;'`
	_, page := Mail{ToName: evil, Subject: evil, Paragraphs: []string{evil}, Action: evil,
		Link: "https://example.org/" + strings.ReplaceAll(evil, " ", ""), Why: evil}.render()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	links := 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script", "img":
			t.Errorf("the page holds a %s", n.Data)
		case "a":
			links++
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s has %s", n.Data, a.Key)
			}
		}
	}
	if links != 1 {
		t.Errorf("%d links, want 1", links)
	}
}

func TestQueueRefuses(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	jobs, err := NewInserter(nil)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]func(*Mail){
		"no address":             func(m *Mail) { m.ToAddress = "" },
		"an address with a name": func(m *Mail) { m.ToAddress = "A <a@example.org>" },
		"two addresses":          func(m *Mail) { m.ToAddress = "a@example.org,b@example.org" },
		"a line in an address":   func(m *Mail) { m.ToAddress = "a@example.org\r\nBcc: b@example.org" },
		"a quoted address":       func(m *Mail) { m.ToAddress = `"a b"@example.org` },
		"a code and a link":      func(m *Mail) { m.Code = "123456" },
		"a code without a place": func(m *Mail) { m.Code, m.Secret, m.Link, m.Action = "123456", false, "", "" },
		"no kind":                func(m *Mail) { m.Kind = "" },
		"no subject":             func(m *Mail) { m.Subject = " \r\n" },
		"a button without link":  func(m *Mail) { m.Link, m.Secret = "", false },
		"a secret without link":  func(m *Mail) { m.Link, m.Action = "", "" },
		"a relative link":        func(m *Mail) { m.Link = "/invitation/x" },
		"a script as a link":     func(m *Mail) { m.Link = "javascript:alert(1)" },
		"a link with a line":     func(m *Mail) { m.Link = "https://example.org/\nx" },
	}
	for name, change := range tests {
		m := invitation()
		change(&m)
		if err := NewOutbox(jobs).Queue(t.Context(), tx, m); err == nil {
			t.Errorf("%s: queued", name)
		} else if strings.Contains(err.Error(), "@") {
			t.Errorf("%s: the error tells the address: %v", name, err)
		}
	}
}

func TestQueueCleansHeaders(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	jobs, err := NewInserter(nil)
	if err != nil {
		t.Fatal(err)
	}
	m := invitation()
	m.Subject = "Objet\r\nBcc: x@example.org\u2028fin\x00"
	m.ToName = "Nom\nSubject: y\xff"
	if err := NewOutbox(jobs).Queue(t.Context(), tx, m); err != nil {
		t.Fatal(err)
	}
	got, err := postgres.Value[string](t.Context(), tx, `SELECT subject || '|' || to_name FROM mail`)
	if want := "Objet  Bcc: x@example.org fin|Nom Subject: y"; err != nil || got != want {
		t.Errorf("subject|name = %q, %v; want %q", got, err, want)
	}
}

// TestStates compares the states in Go with those of the schema.
func TestStates(t *testing.T) {
	t.Parallel()
	def, err := postgres.Value[string](t.Context(), pgtest.Tx(t),
		`SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'mail_state_check'`)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range States {
		if !strings.Contains(def, "'"+string(s)+"'") {
			t.Errorf("%s lacks %q", def, s)
		}
		if strings.HasPrefix(s.Label(), "État ") {
			t.Errorf("state %q has no French name", s)
		}
	}
	if n := strings.Count(def, "::text"); n != len(States) && n != len(States)+1 {
		t.Errorf("%s names %d values, want %d", def, n, len(States))
	}
}

func TestKindLabel(t *testing.T) {
	t.Parallel()
	NameKinds(map[string]string{"convocation_test": "Convocation d’essai"})
	for kind, want := range map[string]string{
		"invitation": "Invitation", "convocation_test": "Convocation d’essai", "some_thing": "Some thing", "": "",
	} {
		if got := KindLabel(kind); got != want {
			t.Errorf("KindLabel(%q) = %q, want %q", kind, got, want)
		}
	}
	if list := fmt.Sprint(Kinds()); !strings.Contains(list, "invitation") {
		t.Errorf("Kinds() = %s", list)
	}
}
