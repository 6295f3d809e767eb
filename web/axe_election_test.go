package web_test

import (
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/web/browsertest"
)

// electionLooks are the pages of the two elections of the demonstration, one over and
// one in its vote, as who reads them, and the forms refused.
func (s *site) electionLooks(t *testing.T) map[access.Role][]look {
	t.Helper()
	at := func(paths ...string) (out []look) {
		for _, path := range paths {
			out = append(out, look{path: path})
		}
		return out
	}
	over := s.text(t, `SELECT min(id)::text FROM election`)
	open := s.text(t, `SELECT max(id)::text FROM election`)
	past, now, desk, done := "/elections/"+over, "/elections/"+open, "/equipe/elections/"+open, "/equipe/elections/"+over
	return map[access.Role][]look{
		access.Public: at(past+"/proces-verbal", now+"/verifier?numero=introuvable1", now, past+"/resultats", now+"/reglement", past+"/urne", now+"/liste", now+"/candidatures",
			now+"/archive", "/elections/secret-du-vote", now+"/demonstration", "/elections"),
		access.Structure: append(at(now+"/vote?etape=bulletin", now+"/vote", now, now+"/reclamations", now+"/ma-candidature"), look{path: past + "/vote"}),
		access.Scrutineer: append(at(now+"/cle", now+"/bureau", desk+"/depouillement", now+"/depouillement", desk+"/ceremonie", desk+"/bureau-de-vote"),
			form422(now+"/bureau/incident"), form422(now+"/bureau/cloture"), form422(now+"/bureau/prolongation")),
		access.Team: append(at(desk, desk+"/risque", desk+"/liste", desk+"/candidatures", desk+"/ceremonie", desk+"/ceremonie/fiche", desk+"/ceremonie/codes", desk+"/ceremonie/porteurs",
			desk+"/reglement", desk+"/dates", desk+"/abandon", desk+"/publication", desk+"/depouillement", done+"/depouillement", done+"/suites", done+"/proclamation", done+"/tirages"),
			form422("/equipe/elections/nouvelle"), form422(desk+"/tirages"), form422(desk+"/bureau-de-vote")),
		access.Chair: at(done + "/proclamation"),
	}
}

// TestAxeElection looks at these pages in light; at the first two of each role in the
// dark, in the narrowest window and in forced colours too.
func TestAxeElection(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	s := newSite(t)
	for role, list := range s.electionLooks(t) {
		b := s.signIn(t, accountOf[role]) // not all at once: passwords cost time, and sign-ins queue
		t.Run(string(role), func(t *testing.T) {
			t.Parallel()
			v := s.open(t, browsertest.Options{})
			v.sit(b)
			for i, l := range list {
				v.See(browsertest.Options{})
				v.lookAt(l)
				v.clean(browsertest.Options{})
				if i < 2 {
					for _, o := range []browsertest.Options{{Dark: true}, {Width: 320}, {ForcedColors: true}} {
						v.See(o)
						v.clean(o)
					}
				}
			}
		})
	}
}
