package ceremony_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/election/ceremony"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/notify"
	pages "bordeaux-metropole.fr/portal/web/election/ceremony"
	"bordeaux-metropole.fr/portal/web/page/pagetest"
)

type site struct {
	*pagetest.Site
	w         *electiontest.World
	desk, key string
}

func newSite(t *testing.T, w *electiontest.World) *site {
	t.Helper()
	for _, k := range w.Keepers {
		w.Exec(`INSERT INTO role_grant (account_id, role) VALUES ($1, 'scrutineer')`, k.Account)
	}
	jobs, err := notify.NewInserter(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{Site: pagetest.New(t), w: w, desk: fmt.Sprintf("/equipe/elections/%d/ceremonie", w.ID), key: fmt.Sprintf("/elections/%d/cle", w.ID)}
	p := &pages.Pages{Kit: s.Kit, Service: ceremony.New(w.DB, notify.NewOutbox(jobs), "https://portail.example.org"),
		Script: func() string { return strings.Repeat("0f", 32) }}
	const desk, key, file = "/equipe/elections/{id}/ceremonie", "/elections/{id}/cle", "/elections/{id}/cle/repetition/{box}"
	s.Handle("GET", desk, p.Show)
	s.Handle("GET", desk+"/fiche", p.Sheet)
	s.Handle("GET", desk+"/porteurs", p.ShowHolders)
	s.Handle("POST", desk+"/porteurs", p.SaveHolders)
	s.Handle("GET", desk+"/codes", p.ShowCodes)
	s.Handle("POST", desk+"/codes", p.SaveCodes)
	s.Handle("POST", desk+"/liste", p.ExportRoll)
	s.Handle("GET", desk+"/repetition", p.ShowRehearsal)
	s.Handle("POST", desk+"/repetition", p.Rehearse)
	s.Handle("GET", desk+"/mise-en-place", p.ShowSetUp)
	s.Handle("POST", desk+"/mise-en-place", p.SetUp)
	s.Handle("GET", desk+"/urne-vide", p.ShowEmpty)
	s.Handle("POST", desk+"/urne-vide", p.RecordEmpty)
	s.Handle("GET", desk+"/fin", p.ShowFinish)
	s.Handle("POST", desk+"/fin", p.Finish)
	s.Handle("GET", key, p.ShowKey)
	s.Handle("POST", key, p.GiveKey)
	s.Handle("POST", key+"/repetition", p.Open)
	s.Handle("GET", file+"/election.json", p.RehearsalElection)
	s.Handle("GET", file+"/somme.json", p.RehearsalSum)
	s.Handle("POST", key+"/constat", p.Sign)
	return s
}

// Holds reads as a person does: typographic spaces are spaces.
func (s *site) Holds(body string, wants ...string) {
	s.T.Helper()
	s.Site.Holds(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(body), wants...)
}

func (s *site) as(a access.Actor) *site { s.Actor = a; return s }

// hidden reads the value of a hidden field of a page.
func (s *site) hidden(body, name string) string {
	s.T.Helper()
	_, after, ok := strings.Cut(body, `name="`+name+`" value="`)
	if !ok {
		s.T.Fatalf("no field %s in\n%s", name, body)
	}
	value, _, _ := strings.Cut(after, `"`)
	return value
}

func (s *site) holders(seen string) []string {
	out := []string{"vu", seen, "autorite_nom", "Alix Tiers", "autorite_qualite", "déléguée", "autorite_courriel", "alix@example.org"}
	for i, k := range s.w.Keepers {
		n := fmt.Sprint(i + 1)
		out = append(out, "porteur_"+n, fmt.Sprint(k.Person), "qualite_"+n, "bureau", "enveloppe_"+n, "coffre")
	}
	return out
}

func TestCeremonyThroughItsPages(t *testing.T) {
	t.Parallel()
	s := newSite(t, electiontest.New(t, election.Sealed))
	s.as(s.w.Team)
	s.Holds(s.Get(s.desk, 200), "Étapes", "1. Désigner", "À faire par l’équipe", "Personne n’est encore désigné")
	s.Holds(s.Get(s.desk+"/codes", 200), "Désignez d’abord")
	s.Holds(s.Get(s.desk+"/mise-en-place", 200), "Il manque des clés")
	form := s.Get(s.desk+"/porteurs", 200)
	bad := s.holders(s.hidden(form, "vu"))
	s.Holds(s.Post(s.desk+"/porteurs", 422, append(bad[:8:8], "porteur_1", fmt.Sprint(s.w.Keepers[0].Person), "qualite_1", "trésorière",
		"enveloppe_1", strings.Repeat("x", 100_000), "porteur_2", "99999999999999999999", "porteur_3", "")...), "Il y a ", "trésorière", "150 au plus")
	seen := s.hidden(form, "vu")
	s.Post(s.desk+"/porteurs", 303, s.holders(seen)...)
	s.Holds(s.Post(s.desk+"/porteurs", 409, s.holders(seen)...), "modification pendant votre saisie")
	s.Post(s.desk+"/porteurs", 400, append(s.holders(seen), "autre", "x")...)

	keys := s.keys()
	s.rollAndCodes()
	s.as(s.w.Team).Post(s.desk+"/repetition", 303)
	s.Holds(s.Get(s.desk+"/repetition", 200), "Répétition en cours", "Abandonner la répétition")
	s.Post(s.desk+"/repetition", 409)
	s.open(keys)
	s.as(s.w.Team)
	s.Holds(s.Get(s.desk+"/repetition", 200), "Réussie le")
	s.Holds(s.Get(s.desk+"/mise-en-place", 200), "6 codes pour 6 structures", "un code perdu ne pourra plus être refait")
	s.Post(s.desk+"/mise-en-place", 303)
	s.Holds(s.Post(s.desk+"/mise-en-place", 409), "Les urnes sont mises en place")
	s.Holds(s.Get(s.desk+"/urne-vide", 200), "0 bulletin", "Tête de la chaîne")
	s.Post(s.desk+"/urne-vide", 303)
	s.Holds(s.Post(s.desk+"/fin", 409), "Il manque le constat")
	for _, k := range s.w.Keepers {
		page := s.as(k).Get(s.key, 200)
		s.Holds(page, "Je constate que l’urne est vide")
		s.Post(s.key+"/constat", 409, "vu", "autre")
		s.Post(s.key+"/constat", 303, "vu", s.hidden(page, "vu"))
		s.Holds(s.Get(s.key, 200), "Vous l’avez constaté le")
	}
	s.as(s.w.Team).Get(s.desk+"/fin", 200)
	s.Post(s.desk+"/fin", 303)
	if e := s.w.Load(); e.Phase != election.Ready {
		t.Errorf("phase %s", e.Phase)
	}
	s.Holds(s.Get(s.desk, 200), "Empreinte de l’urne", "0f0f 0f0f")
	sheet := s.as(s.w.Keepers[0]).Do(httptest.NewRequest(http.MethodGet, s.desk+"/fiche", nil))
	s.Holds(sheet.Body.String(), "Clé1 Exemple, bureau", "Alix Tiers", "Empreinte de mise en place")
	_, late, err := belenios.NewTrustee()
	if err != nil {
		t.Fatal(err)
	}
	s.Holds(s.Post(s.key, 409, "cle_publique", string(late.Raw()), "gardee", "oui", "vue", ""), "La cérémonie se tient entre")
}

// keys makes and gives the three keys.
func (s *site) keys() []belenios.PrivateKey {
	s.T.Helper()
	var keys []belenios.PrivateKey
	for i, k := range s.w.Keepers {
		private, public, err := belenios.NewTrustee()
		if err != nil {
			s.T.Fatal(err)
		}
		s.as(k)
		s.Holds(s.Get(s.key, 200), fmt.Sprintf("clé %d sur 3", i+1), "data-cle-creer", "data-cle-nouvelle")
		s.Holds(s.Post(s.key, 422, "cle_publique", string(public.Raw()), "vue", ""), "cochez cette case")
		secret := fmt.Sprintf("%q", private.X.String())
		s.Lacks(s.Post(s.key, 422, "cle_publique", secret, "gardee", "oui", "vue", ""), private.X.String())
		s.Holds(s.Post(s.key, 422, "cle_publique", `{"a":1}`, "gardee", "oui", "vue", ""), "pas une clé publique valide", `{"a":1}`)
		s.Post(s.key, 303, "cle_publique", string(public.Raw()), "gardee", "oui", "vue", "")
		s.Holds(s.Get(s.key, 200), public.Fingerprint(), "Remplacer ma clé")
		keys = append(keys, private)
	}
	s.as(s.w.Team2).Get(s.desk, 200)
	return keys
}

// rollAndCodes plays the authority: the roll out, the public codes in, one box by a file
// and one pasted.
func (s *site) rollAndCodes() {
	s.T.Helper()
	s.as(s.w.Team)
	csv := s.Post(s.desk+"/liste", 200)
	s.Holds(csv, "Identifiant;Structure;Commune;Collège;Urne;Nom de l’urne;Courriel;Clôture du vote", s.w.Voters[0].Name)
	for i, b := range s.w.Boxes() {
		var list []string
		for range strings.Count(csv, b.UUID) {
			list = append(list, belenios.PublicCredential(belenios.NewCode(), b.UUID))
		}
		id := fmt.Sprint(b.ID)
		body := string(belenios.CredentialsJSON(list))
		s.Holds(s.Post(s.desk+"/codes", 422, "urne", id, "liste_"+id, "[]"), "Il y a un point à corriger")
		if i == 0 {
			s.Post(s.desk+"/codes", 303, "urne", id, "liste_"+id, body)
			continue
		}
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		_ = m.WriteField("urne", id)
		part, err := m.CreateFormFile("fichier_"+id, "public_creds.json")
		if err != nil {
			s.T.Fatal(err)
		}
		_, _ = part.Write([]byte(body))
		_ = m.Close()
		r := httptest.NewRequest(http.MethodPost, s.desk+"/codes", &b)
		r.Header.Set("Content-Type", m.FormDataContentType())
		if w := s.Do(r); w.Code != http.StatusSeeOther {
			s.T.Fatalf("a file of codes: %d\n%s", w.Code, w.Body)
		}
	}
	s.Holds(s.Get(s.desk+"/codes", 200), "6 codes", "Empreinte du fichier", "un code perdu ne peut plus être remplacé par personne")
}

// open has each key holder open the boxes of the rehearsal.
func (s *site) open(keys []belenios.PrivateKey) {
	s.T.Helper()
	boxes, err := election.Boxes(s.T.Context(), s.w.DB, s.w.ID, true)
	if err != nil {
		s.T.Fatal(err)
	}
	for i, k := range s.w.Keepers {
		s.as(k)
		s.Holds(s.Get(s.key, 200), "data-cle-ouvrir", "(répétition)", "aucun vote")
		var pairs []string
		for _, b := range boxes {
			at := fmt.Sprintf("%s/repetition/%d/", s.key, b.ID)
			e, err := belenios.ParseElection([]byte(s.Get(at+"election.json", 200)))
			if err != nil {
				s.T.Fatal(err)
			}
			var tally belenios.Tally
			if err := json.Unmarshal([]byte(s.Get(at+"somme.json", 200)), &tally); err != nil {
				s.T.Fatal(err)
			}
			p, err := e.Decrypt(tally, keys[i])
			if err != nil {
				s.T.Fatal(err)
			}
			pairs = append(pairs, fmt.Sprintf("ouverture_%d", b.ID), string(p))
		}
		s.Holds(s.Post(s.key+"/repetition", 422, "ouverture_"+fmt.Sprint(boxes[0].ID), "{}"), "Il y a un point à corriger")
		s.Post(s.key+"/repetition", 303, pairs...)
	}
	s.Post(s.key+"/repetition", 409, "ouverture_1", "{}")
}

func TestOthersSeeNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, electiontest.New(t, election.Sealed))
	for _, a := range []access.Actor{s.w.Voters[0].Member, s.w.Chair, {}} {
		s.as(a)
		s.Get(s.desk, 404)
		s.Get(s.key, 404)
		s.Post(s.desk+"/liste", 404)
	}
	s.as(s.w.Keepers[0])
	s.Get(s.desk, 200)
	s.Get(s.key, 403) // holds no key
	s.Get(s.desk+"/porteurs", 404)
	s.Post(s.desk+"/liste", 404)
	s.Post(s.desk+"/mise-en-place", 404)
	s.as(s.w.Team)
	s.Get("/equipe/elections/999999/ceremonie", 404)
	s.Get(s.key, 403)
}
