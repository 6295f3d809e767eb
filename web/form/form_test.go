package form_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
)

func read(t *testing.T, values url.Values) *form.Form {
	t.Helper()
	f, err := form.Read(post(values.Encode()))
	if err != nil {
		t.Fatalf("read %v: %v", values, err)
	}
	return f
}

func post(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a NUL byte in a value": "nom=a%00b",
		"a NUL byte in a name":  "n%00m=a",
		"invalid UTF-8":         "nom=%ff%fe",
		"a broken escape":       "nom=%zz",
	} {
		if _, err := form.Read(post(body)); problem.KindOf(err) != problem.BadRequest {
			t.Errorf("%s: got %v, want a bad request", name, err)
		}
	}
}

func TestReadTooLarge(t *testing.T) {
	t.Parallel()
	r := post("nom=" + strings.Repeat("a", 2000))
	r.Body = http.MaxBytesReader(httptest.NewRecorder(), r.Body, 1000)
	if _, err := form.Read(r); problem.KindOf(err) != problem.TooLarge {
		t.Errorf("2,000 bytes for 1,000: got %v, want too large", err)
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"27/3/2027": "2027-03-27", "27-03-27": "2027-03-27", "27.03.2027": "2027-03-27",
		"27 3 2027": "2027-03-27", "27 mars 2027": "2027-03-27", "2027-03-27": "2027-03-27",
		"1er avril 2027": "2027-04-01", "1er\u00a0avril 2027": "2027-04-01",
		"samedi 27 mars 2027": "2027-03-27", "3 févr. 2027": "2027-02-03", "14 Août 2026": "2026-08-14",
		"29/2/2028": "2028-02-29",
	} {
		d, err := form.ParseDate(in)
		if err != nil || d.String() != want {
			t.Errorf("ParseDate(%q) = %s, %v; want %s", in, d, err, want)
		}
	}
	for _, in := range []string{"", "30/2/2027", "29/2/2027", "0/1/2027", "1/13/2027", "1/0/2027", "demain", "1/1/99999", "12 brumaire 2027", "2027"} {
		if d, err := form.ParseDate(in); err == nil {
			t.Errorf("ParseDate(%q) = %s, want an error", in, d)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"27/3/2027", "1er avril 2027", "2027-03-27", "", "\u202f", "99/99/99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := form.ParseDate(s)
		if err == nil && (d.IsZero() || d.Year() < 1900 || d.Year() > 2200) {
			t.Errorf("ParseDate(%q) accepted %s", s, d)
		}
	})
}

func TestFieldsKeepWhatWasTyped(t *testing.T) {
	t.Parallel()
	f := read(t, url.Values{"courriel": {"pas une adresse"}, "age": {"mille"}, "nom": {""}, "lieu": {"a\nb"}, "choix": {"z"}})
	f.Email("courriel", "Saisissez une adresse.")
	f.Int("age", "Saisissez un âge.", 0, 120)
	f.Line("nom", "Saisissez le nom.", 10)
	f.Line("lieu", "", 10)
	f.Choice("choix", "Choisissez.", "a", "b")
	for _, name := range []string{"courriel", "age", "nom", "lieu", "choix"} {
		if f.Error(name) == "" {
			t.Errorf("%s: no message", name)
		}
	}
	if got := f.Value("courriel"); got != "pas une adresse" {
		t.Errorf("the address typed came back as %q", got)
	}
	if f.OK() {
		t.Error("a form with errors is OK")
	}
	if err := f.Unknown(); err != nil {
		t.Errorf("all fields were asked for: %v", err)
	}
}

func TestLineRefusesWhatTurnsText(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{"override": "Ana\u202eeriaM", "isolate": "A\u2066b", "mark": "A\u200fb", "line separator": "A\u2028b", "tab": "A\tb"} {
		f := read(t, url.Values{"nom": {in}})
		if f.Line("nom", "", 80); f.Error("nom") == "" {
			t.Errorf("%s: %q was let through", name, in)
		}
	}
}

func TestEmail(t *testing.T) {
	t.Parallel()
	for in, ok := range map[string]bool{
		"Camille@Exemple.fr": true, "a.b+c@example.org": true,
		"a@b": false, "a b@example.org": false, "<a@example.org>": false, "Nom <a@example.org>": false,
		"a@example.org, b@example.org": false, "a@example.org\r\nBcc: x@example.org": false,
	} {
		f := read(t, url.Values{"courriel": {in}})
		got := f.Email("courriel", "")
		if (f.Error("courriel") == "") != ok {
			t.Errorf("Email(%q): message %q, want ok = %v", in, f.Error("courriel"), ok)
		}
		if ok && got != strings.ToLower(in) {
			t.Errorf("Email(%q) = %q", in, got)
		}
	}
}

func TestSecretNeverComesBack(t *testing.T) {
	t.Parallel()
	f := read(t, url.Values{"mot_de_passe": {" espace gardé "}})
	if got := f.Secret("mot_de_passe", ""); got != " espace gardé " {
		t.Errorf("secret read as %q", got)
	}
	if f.Value("mot_de_passe") != "" || len(f.All()["mot_de_passe"]) != 0 {
		t.Error("the secret is still in the form")
	}
}

func TestUnknownFieldAndReview(t *testing.T) {
	t.Parallel()
	f := read(t, url.Values{"nom": {"x"}, "admin": {"1"}})
	f.Line("nom", "", 10)
	if problem.KindOf(f.Unknown()) != problem.BadRequest {
		t.Error("a field nobody asked for was let through")
	}
	back := read(t, url.Values{"nom": {"x"}, form.ReviewField: {"1"}})
	back.Line("nom", "", 10)
	if back.OK() || !back.Review() || back.Unknown() != nil {
		t.Error("a form back for review must be shown and not acted on")
	}
}

func TestTakes(t *testing.T) {
	t.Parallel()
	f := form.New()
	if !f.Takes(problem.OnField("nom", "Trop long.")) || f.Error("nom") != "Trop long." {
		t.Error("a refusal on a field was not taken")
	}
	if f.Takes(problem.New(problem.Forbidden, "Non.")) {
		t.Error("a right refused is not for the person to put right")
	}
}
