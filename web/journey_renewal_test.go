package web_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/web/browsertest"
)

// TestJourneyRenewal renews the mayors of the 28 communes from the file of the
// portal, filled by a spreadsheet: a wrong cell is named, the 27 other rows are
// saved, the last one is put right, and each new mayor is invited.
func TestJourneyRenewal(t *testing.T) {
	inTwoWays(t, func(t *testing.T, o browsertest.Options) {
		s := newSite(t)
		s.deliver(t)
		b := s.signIn(t, "equipe@example.org")
		v := s.open(t, o)
		v.sit(b)
		v.at("/tableau-de-bord")
		v.follow("Renouvellement des communes")
		const screen = "/equipe/renouvellement-communes"
		if got := v.path(); got != screen {
			t.Fatalf("led to %s", got)
		}
		v.Click("details.more:has(input[type=file]) summary")
		file := v.href("Télécharger le modèle CSV")
		v.Upload("#fichier", filledSheet(t, b.get(file)))
		if status := v.push("Vérifier le fichier"); status != http.StatusUnprocessableEntity {
			t.Fatalf("a file with a wrong cell: status %d\n%s", status, v.main())
		}
		v.reads("ligne 4, colonne courriel", "28 lignes remplies")
		v.clean(o)
		const mayors = `SELECT count(*) FROM mandate m JOIN person p ON p.id = m.person_id WHERE p.last_name = 'Renouvelé' AND m.during @> paris_today()`
		if n := s.count(t, mayors); n != 0 {
			t.Errorf("%d mayors saved by the check of a file", n)
		}

		v.write("Date d’élection des maires", french.NumericDate(day.Today()))
		if status := v.push("Enregistrer le renouvellement"); status != http.StatusUnprocessableEntity {
			t.Fatalf("a wrong row: status %d\n%s", status, v.main())
		}
		v.reads("Rien n’a été enregistré.")
		if status := v.push("Enregistrer les lignes correctes"); status != http.StatusUnprocessableEntity {
			t.Fatalf("the right rows: status %d\n%s", status, v.main())
		}
		v.reads("27 communes sont enregistrées.")
		if n := s.count(t, mayors); n != 27 {
			t.Errorf("%d mayors saved, want 27", n)
		}
		v.clean(o)
		wrong := browsertest.Eval[string](v.Tab, `document.querySelector("main input[type=email][aria-invalid]").id`)
		v.Fill("#"+wrong, "nouveau3@example.org")
		v.sends("Enregistrer le renouvellement")
		v.reads("1 maire est enregistré")
		if n := s.count(t, mayors); n != 28 {
			t.Errorf("%d mayors saved, want 28", n)
		}

		v.at("/equipe/courriels?q=nouveau28")
		v.reads("nouveau28@example.org")
		v.mailTo("nouveau3@example.org")
		link := v.personalLink()
		if a := s.browser(t).get(link); a.status != http.StatusOK {
			t.Errorf("the invitation of a mayor: status %d", a.status)
		}
		if n := s.count(t, `SELECT count(DISTINCT to_address) FROM mail WHERE to_address LIKE 'nouveau%' AND kind LIKE '%invitation%'`); n != 28 {
			t.Errorf("%d invitations, want 28", n)
		}
	})
}

// filledSheet fills the file of the portal with 28 new mayors, the third with an
// address that is none.
func filledSheet(t *testing.T, model answer) string {
	t.Helper()
	lines := strings.Split(strings.TrimRight(model.body, "\r\n"), "\r\n")
	if model.status != http.StatusOK || len(lines) != 29 {
		t.Fatalf("the model: status %d, %d lines", model.status, len(lines))
	}
	for i := 1; i < len(lines); i++ {
		n := strconv.Itoa(i)
		email := "nouveau" + n + "@example.org"
		if i == 3 {
			email = "nouveau3(at)example.org"
		}
		lines[i] = strings.TrimSuffix(lines[i], ";;") + "Prénom" + string(rune('A'+i%26)) + ";Renouvelé;" + email
	}
	path := filepath.Join(t.TempDir(), "maires.csv")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\r\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
