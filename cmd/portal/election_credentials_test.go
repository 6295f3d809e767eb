package main

import (
	"encoding/csv"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"bordeaux-metropole.fr/portal/internal/election/belenios"
)

const rollForTest = "\ufeffIdentifiant;Structure;Commune;Collège;Urne;Nom de l’urne;Courriel;Clôture du vote\r\n" +
	"11;Atelier Exemple;Bègles;Action sociale;76Z6e2BuXjexmt;Urne A;atelier@example.org;mardi 1er décembre 2026 à 18 h\r\n" +
	"12;'=Somme <b>Exemple</b>;Bordeaux;Action sociale;76Z6e2BuXjexmt;Urne A;somme@example.org;mardi 1er décembre 2026 à 18 h\r\n" +
	"21;Espace Exemple;Lormont;Médiation numérique;86Z6e2BuXjexmt;Urne B;espace@example.org;mardi 1er décembre 2026 à 18 h\r\n" +
	"22;Sans Adresse;Cenon;Médiation numérique;86Z6e2BuXjexmt;Urne B;;mardi 1er décembre 2026 à 18 h\r\n"

func TestCodesAreMadeApart(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	if err := os.WriteFile(filepath.Join(c.dir, "roll.csv"), []byte(rollForTest), 0o600); err != nil {
		t.Fatal(err)
	}
	status, out, errs := c.run("election", "credentials", "--roll", "roll.csv", "--out", "codes")
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	if c.postmaster() != 0 {
		t.Error("making codes started Postgres")
	}
	read := func(name string) string {
		path := filepath.Join(c.dir, "codes", name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s is readable by others: %v", name, info.Mode())
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	r := csv.NewReader(strings.NewReader(read("codes.csv")))
	r.Comma = ';'
	lines, err := r.ReadAll()
	if err != nil || len(lines) != 5 {
		t.Fatalf("codes.csv: %v %v", lines, err)
	}
	letters := read("letters.html")
	public := map[string][]string{}
	for _, l := range lines[1:] {
		code := l[len(l)-1]
		if clean, err := belenios.CleanCode(code); err != nil || clean != code {
			t.Errorf("code of %s: %v", l[1], err)
		}
		public[l[4]] = append(public[l[4]], belenios.PublicCredential(code, l[4]))
		if strings.Count(letters, code) != 1 || strings.Contains(out+errs, code) {
			t.Errorf("the code of %s is not in its letter alone", l[1])
		}
	}
	for name, box := range map[string]string{"public_creds-action-sociale.json": "76Z6e2BuXjexmt", "public_creds-mediation-numerique.json": "86Z6e2BuXjexmt"} {
		got, err := belenios.ParseCredentials([]byte(read(name)))
		want := public[box]
		slices.Sort(want)
		sorted := slices.Clone(got)
		slices.Sort(sorted)
		if err != nil || !slices.Equal(sorted, want) {
			t.Errorf("%s: %v, not the public parts of the codes", name, err)
		}
		if !strings.Contains(out, name) {
			t.Errorf("the command does not say to whom %s goes:\n%s", name, out)
		}
	}
	if strings.Contains(letters, "<b>Exemple") || strings.Contains(letters, "http") || !strings.Contains(letters, "=Somme") || !strings.Contains(letters, "1er décembre 2026 à 18 h") {
		t.Errorf("letters:\n%s", letters)
	}
	before := read("codes.csv")
	if status, _, _ := c.run("election", "credentials", "--roll", "roll.csv", "--out", "codes"); status != 1 || read("codes.csv") != before {
		t.Errorf("codes made over others: status %d", status)
	}
	c.sendsEachOnce(lines[1:])
}

func TestRollOfOthersIsRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(string) string{
		"empty":           func(string) string { return "" },
		"a column less":   func(s string) string { return strings.Replace(s, ";Urne;", ";Autre;", 1) },
		"twice":           func(s string) string { return strings.Replace(s, "\n12;", "\n11;", 1) },
		"a path as a box": func(s string) string { return strings.Replace(s, "86Z6e2BuXjexmt", "../../../etc/x", 1) },
		"no address":      func(s string) string { return strings.Replace(s, "espace@example.org", "nulle part", 1) },
		"bytes":           func(string) string { return "\x00\xff\"" },
	} {
		if list, err := readRoll(strings.NewReader(change(rollForTest))); err == nil {
			t.Errorf("%s: read %v", name, list)
		}
	}
	list, err := readRoll(strings.NewReader(rollForTest))
	if err != nil || len(list) != 4 || list[1].Name != "=Somme <b>Exemple</b>" {
		t.Errorf("%+v, %v", list, err)
	}
}

// letterbox is a mail server that refuses one address until it is told otherwise.
type letterbox struct {
	mu      sync.Mutex
	refused string
	got     map[string][]string // bodies by address
}

type letterboxSession struct {
	box *letterbox
	to  string
}

func (s *letterboxSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *letterboxSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	if s.to = to; to == s.box.refused {
		return &smtp.SMTPError{Code: 550, Message: "no"}
	}
	return nil
}
func (s *letterboxSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.got[s.to] = append(s.box.got[s.to], string(b))
	return err
}
func (s *letterboxSession) Reset()        {}
func (s *letterboxSession) Logout() error { return nil }

// sendsEachOnce mails the codes through a server that refuses one of them at first.
func (c *checkout) sendsEachOnce(lines [][]string) {
	c.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	box := &letterbox{refused: "somme@example.org", got: map[string][]string{}}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &letterboxSession{box: box}, nil }))
	server.AllowInsecureAuth = true
	go func() { _ = server.Serve(l) }()
	c.t.Cleanup(func() { _ = server.Close() })

	if status, _, errs := c.run("election", "credentials", "--out", "codes", "--send"); status != 1 || !strings.Contains(errs, "SMTP_URL") {
		c.t.Errorf("without a mail server: status %d, %s", status, errs)
	}
	c.env = append(c.env, "SMTP_URL=smtp://"+l.Addr().String())
	status, out, errs := c.run("election", "credentials", "--out", "codes", "--send")
	if status != 1 || !strings.Contains(errs, "=Somme") || !strings.Contains(out, "Sans Adresse") || strings.Contains(errs+out, "@example.org") {
		c.t.Errorf("one refused: status %d\n%s\n%s", status, out, errs)
	}
	box.mu.Lock()
	box.refused = ""
	box.mu.Unlock()
	if status, _, errs = c.run("election", "credentials", "--out", "codes", "--send"); status != 0 {
		c.t.Errorf("run again: status %d, %s", status, errs)
	}
	box.mu.Lock()
	defer box.mu.Unlock()
	for _, line := range lines {
		address, code := line[6], line[len(line)-1]
		if bodies := box.got[address]; address != "" && (len(bodies) != 1 || !strings.Contains(bodies[0], code)) {
			c.t.Errorf("%s received %d mails", address, len(bodies))
		}
		if strings.Contains(out+errs, code) {
			c.t.Errorf("the terminal shows the code of %s", line[1])
		}
	}
}
