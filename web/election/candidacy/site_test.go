package candidacy

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/candidacy"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/election/roll"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/page/pagetest"
)

// world is an election and the pages of its candidacies.
type world struct {
	*electiontest.World
	*pagetest.Site
	roll *roll.Service
}

func newWorld(t *testing.T, phase election.Phase) *world {
	t.Helper()
	jobs, err := notify.NewInserter(nil)
	if err != nil {
		t.Fatal(err)
	}
	e, outbox := electiontest.New(t, phase), notify.NewOutbox(jobs)
	w := &world{e, pagetest.New(t), roll.New(e.DB, governance.New(e.DB, nil), outbox, "https://portail.example.org")}
	w.Exec(`UPDATE membership SET manager = true WHERE organisation_id IN (SELECT organisation_id FROM structure)`)
	p := &Pages{Kit: w.Kit, Contact: "equipe@example.org", Service: candidacy.New(w.DB, outbox, "https://portail.example.org")}
	const list, mine, desk = "/elections/{id:[0-9]+}/candidatures", "/elections/{id:[0-9]+}/ma-candidature", "/equipe/elections/{id:[0-9]+}/candidatures"
	const one = desk + "/{c:[0-9]+}"
	for pattern, h := range map[string]page.Handler{
		"GET " + list: p.Show, "GET " + list + "/{c:[0-9]+}/photo": p.Photo, "GET " + mine: p.ShowMine, "GET " + mine + "/saisie": p.ShowForm, "POST " + mine + "/saisie": p.Save,
		"GET " + mine + "/verification": p.ShowCheck, "POST " + mine + "/verification": p.Submit, "POST " + mine + "/brouillon": p.Drop,
		"GET " + mine + "/brouillon/photo": p.OwnPhoto(true), "GET " + mine + "/photo": p.OwnPhoto(false), "GET " + mine + "/retrait": p.ShowWithdrawal, "POST " + mine + "/retrait": p.Withdraw,
		"GET " + desk: p.ShowDesk, "GET " + desk + "/ouverture": p.ShowOpening, "POST " + desk + "/ouverture": p.Open, "GET " + desk + "/prolongation": p.ShowExtension,
		"POST " + desk + "/prolongation": p.Extend, "GET " + desk + "/arret": p.ShowSealing, "POST " + desk + "/arret": p.Seal, "GET " + one: p.ShowOne, "POST " + one: p.Decide,
		"GET " + one + "/photo": p.PhotoForTeam, "GET " + one + "/retrait": p.ShowWithdrawalFor, "POST " + one + "/retrait": p.WithdrawFor,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		w.Handle(method, path, h)
	}
	return w
}

// typed is the form of a candidacy that the default rules allow, and more fields.
func typed(n string, more ...string) []string {
	return append([]string{"titulaire_prenom", "Camille", "titulaire_nom", "Titulaire" + n, "titulaire_fonction", "Directrice", "titulaire_courriel", "titulaire" + n + "@example.org", "titulaire_genre", "f",
		"suppleant_prenom", "Sacha", "suppleant_nom", "Suppléant" + n, "suppleant_fonction", "", "suppleant_courriel", "suppleant" + n + "@example.org", "suppleant_genre", "m",
		"profession", "Aller vers les habitants.", "consentement", "oui", "photo", "", "photo_texte", ""}, more...)
}

// upload sends the form with a photo; pairs may say the photo is described.
func (w *world) upload(path string, content []byte, pairs ...string) *httptest.ResponseRecorder {
	w.World.T.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] != "photo" {
			_ = m.WriteField(pairs[i], pairs[i+1])
		}
	}
	file, err := m.CreateFormFile("photo", "portrait.png")
	if err != nil {
		w.World.T.Fatal(err)
	}
	_, _ = file.Write(content)
	_ = m.Close()
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return w.Do(r)
}

func described(pairs []string, text string) []string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == "photo_texte" {
			pairs[i+1] = text
		}
	}
	return pairs
}

func TestStandBeExaminedAndBePublished(t *testing.T) {
	t.Parallel()
	w := newWorld(t, election.Roll)
	if _, err := w.roll.Refresh(t.Context(), w.Team, w.ID); err != nil {
		t.Fatal(err)
	}
	list, mine, desk := listPath(w.ID), ownPath(w.ID), deskPath(w.ID)
	w.Holds(w.Get(list, http.StatusOK), "Aucune candidature publiée")
	me, other := w.Voters[0], w.Voters[1]
	w.Site.Actor = me.Member
	w.Holds(w.Get(mine, http.StatusOK), "pas encore ouvert")

	// The team opens.
	w.Site.Actor = w.Team
	w.Holds(w.Get(desk, http.StatusOK), "Ouvrir le dépôt")
	w.Get(desk+"/ouverture", http.StatusOK)
	version := page.IDText(w.Load().Version)
	w.Holds(w.Post(desk+"/ouverture", http.StatusUnprocessableEntity, "version", version, "candidacies_from", "31/2/2027"), "Saisissez une date qui existe", "31/2/2027")
	day := func(n int) string { return time.Now().AddDate(0, 0, n).Format("2/1/2006") }
	w.Post(desk+"/ouverture", http.StatusSeeOther, "version", version, "candidacies_from", day(-1), "candidacies_from_heure", "8 h", "candidacies_until", day(20),
		"candidacies_until_heure", "18 h", "withdraw_until", day(21), "withdraw_until_heure", "18 h")

	// The structure types, is corrected, keeps a draft, checks, sends.
	w.Site.Actor = me.Member
	w.Holds(w.Get(mine, http.StatusOK), "Déposer une candidature")
	w.Holds(w.Get(mine+"/saisie", http.StatusOK), "1\u202f500", "J’accepte que mon nom et ma profession de foi soient publiés jusqu’au")
	body := w.Post(mine+"/saisie", http.StatusUnprocessableEntity, "version", "0", "base", "0", "titulaire_prenom", "Camille", "titulaire_courriel", "pas une adresse", "profession", "Bonjour.")
	w.Holds(body, "Saisissez le nom du titulaire.", "Saisissez une adresse électronique complète", "Sans cet accord", "Bonjour.", "pas une adresse")
	w.Holds(w.Post(mine+"/saisie", http.StatusUnprocessableEntity, "version", "0", "base", "0", "profession", strings.Repeat("é", 100_000)), "gardez-en 1500 au plus")
	w.Post(mine+"/saisie", http.StatusBadRequest, "inconnu", "1")
	if to := w.Post(mine+"/saisie", http.StatusSeeOther, "version", "0", "base", "0", "titulaire_prenom", "Camille", "acte", "brouillon"); to != mine+"/saisie" {
		t.Errorf("a draft leads to %s", to)
	}
	w.Holds(w.Post(mine+"/saisie", http.StatusConflict, typed("1", "version", "0", "base", "0")...), "Les deux versions", "Suppléant1")
	var portrait bytes.Buffer
	if err := png.Encode(&portrait, image.NewGray(image.Rect(0, 0, 60, 80))); err != nil {
		t.Fatal(err)
	}
	if r := w.upload(mine+"/saisie", []byte("pas une image"), described(typed("1", "version", "1", "base", "0"), "Portrait")...); r.Code != http.StatusUnprocessableEntity {
		t.Errorf("what is no photo: %d", r.Code)
	}
	if r := w.upload(mine+"/saisie", portrait.Bytes(), typed("1", "version", "1", "base", "0")...); r.Code != http.StatusUnprocessableEntity {
		t.Errorf("a photo without words: %d", r.Code)
	}
	if r := w.upload(mine+"/saisie", portrait.Bytes(), described(typed("1", "version", "1", "base", "0"), "Portrait de Camille")...); r.Code != http.StatusSeeOther || r.Header().Get("Location") != mine+"/verification" {
		t.Fatalf("%d %s\n%s", r.Code, r.Header().Get("Location"), r.Body)
	}
	w.Holds(w.Get(mine+"/verification", http.StatusOK), "Aller vers les habitants.", "Portrait de Camille", "Envoyer la candidature")
	w.Get(mine+"/brouillon/photo", http.StatusOK)
	w.Post(mine+"/verification", http.StatusConflict, "version", "1")
	w.Post(mine+"/verification", http.StatusSeeOther, "version", "2")
	w.Post(mine+"/verification", http.StatusSeeOther, "version", "2") // sent already: led to it
	w.Holds(w.Get(mine, http.StatusOK), "À examiner", "Retirer la candidature", "Portrait de Camille")
	w.Get(mine+"/photo", http.StatusOK)
	w.Get(mine+"/retrait", http.StatusOK)

	// Nobody else reads it.
	id := electiontest.Value[candidacy.ID](w.World, `SELECT max(id) FROM candidacy`)
	w.Site.Actor = other.Member
	w.Lacks(w.Get(mine, http.StatusOK), "Aller vers les habitants.")
	w.Get(mine+"/photo", http.StatusNotFound)
	w.Get(mine+"/retrait", http.StatusNotFound)
	w.Site.Actor = access.Actor{}
	w.Lacks(w.Get(list, http.StatusOK), "Camille")
	w.Get(list+"/"+page.IDText(id)+"/photo", http.StatusNotFound)

	// The team asks, then accepts.
	w.Site.Actor = w.Team
	one := candidacyPath(w.ID, id)
	w.Holds(w.Get(desk, http.StatusOK), me.Name, "Moins de candidatures que de sièges", "Prolonger de sept jours")
	w.Holds(w.Get(one, http.StatusOK), "Tout est conforme", "titulaire1@example.org", "Portrait de Camille")
	w.Get(one+"/photo", http.StatusOK)
	w.Get(candidacyPath(w.ID, 99999999), http.StatusNotFound)
	w.Holds(w.Post(one, http.StatusUnprocessableEntity, "version", "1", "decision", "refuser"), "Écrivez le motif du refus")
	w.Post(one, http.StatusSeeOther, "version", "1", "decision", "preciser", "motif", "Quelle fonction ?")
	w.Holds(w.Post(one, http.StatusConflict, "version", "1", "decision", "refuser", "motif", "Doublon"), "modification pendant votre saisie", "Doublon")
	w.Site.Actor = me.Member
	w.Holds(w.Get(mine, http.StatusOK), "demande une précision", "Quelle fonction")
	w.Site.Actor = w.Team
	w.Post(one, http.StatusSeeOther, "version", "2", "decision", "accepter", "motif", "")
	w.Holds(w.Get(desk+"/prolongation", http.StatusOK), "au lieu du")
	w.Post(desk+"/prolongation", http.StatusSeeOther, "version", page.IDText(w.Load().Version))
	w.Holds(w.Get(desk+"/prolongation", http.StatusOK), "ne permet pas de prolonger")
	w.Holds(w.Get(desk+"/arret", http.StatusOK), "ne peuvent pas être arrêtées", "Publiez-le sur la page de l’élection")
	w.Post(desk+"/arret", http.StatusConflict, "version", page.IDText(w.Load().Version))

	// Sealed: everybody reads it, in the order drawn.
	w.Exec(`UPDATE election SET claims_until = now() - interval '1 hour', candidacies_from = now() - interval '9 days', candidacies_until = now() - interval '2 hours',
		withdraw_until = now() - interval '1 hour', order_seed = 'l’été : 3 9 ''21''' WHERE id = $1`, w.ID)
	w.Holds(w.Get(desk, http.StatusOK), "Arrêter les listes")
	w.Holds(w.Get(desk+"/arret", http.StatusOK), "ne peut pas être annulée")
	w.Post(desk+"/arret", http.StatusSeeOther, "version", page.IDText(w.Load().Version))
	w.Site.Actor = access.Actor{}
	w.Holds(w.Get(list, http.StatusOK), "1. "+me.Name, "Camille Titulaire1, Directrice", "Aller vers les habitants.", "Portrait de Camille", `printf '%s' 'l’été : 3 9 '\''21'\''|`+page.IDText(id)+`' | sha256sum`)
	w.Lacks(w.Get(list, http.StatusOK), "titulaire1@example.org")
	r := w.Do(httptest.NewRequest(http.MethodGet, list+"/"+page.IDText(id)+"/photo", nil))
	if r.Code != http.StatusOK || r.Header().Get("Cache-Control") != "public, max-age=3600" || r.Header().Get("Content-Type") != "image/jpeg" {
		t.Errorf("%d %v", r.Code, r.Header())
	}
	again := httptest.NewRequest(http.MethodGet, list+"/"+page.IDText(id)+"/photo", nil)
	again.Header.Set("If-None-Match", r.Header().Get("ETag"))
	if r := w.Do(again); r.Code != http.StatusNotModified {
		t.Errorf("a photo that is kept: %d", r.Code)
	}

	// Withdrawn late, by the team for the structure: still there, and said so.
	w.Site.Actor = w.Team
	version = page.IDText(electiontest.Value[int](w.World, `SELECT version FROM candidacy WHERE id = $1`, id))
	w.Holds(w.Get(one+"/retrait", http.StatusOK), "le bulletin ne change pas")
	w.Post(one+"/retrait", http.StatusSeeOther, "version", version)
	w.Site.Actor = access.Actor{}
	w.Holds(w.Get(list, http.StatusOK), "Candidature retirée après la publication", me.Name)
	w.Site.Actor = me.Member
	w.Holds(w.Get(mine, http.StatusOK), "Retirée après la publication")
	w.Get(mine+"/saisie", http.StatusOK)
	w.Post(mine+"/brouillon", http.StatusSeeOther)
}
