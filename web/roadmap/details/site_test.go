package details

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/page/pagetest"
)

// site is the pages of this package over the test roadmap, opened by the team.
type site struct {
	*pagetest.Site
	w *roadmaptest.World
}

func newSite(t *testing.T) site {
	t.Helper()
	w := roadmaptest.New(t)
	s := site{pagetest.New(t), w}
	s.Actor = w.Team
	p := &Pages{Kit: s.Kit, Roadmap: roadmap.New(w.DB)}
	const action = "/equipe/feuille-de-route/actions/{id:[0-9]+}"
	for pattern, h := range map[string][2]page.Handler{
		"/feuille-de-route/actions/{id:[0-9]+}/documents/{document:[0-9]+}": {p.Download},
		action + "/etapes": {p.ShowSteps}, action + "/etapes/nouvelle": {p.ShowNewStep, p.AddStep},
		action + "/etapes/{etape}/modification": {p.ShowStepChange, p.ChangeStep}, action + "/etapes/{etape}/realisation": {p.ShowStepDone, p.SetStepDone},
		action + "/etapes/{etape}/ordre": {nil, p.MoveStep}, action + "/etapes/{etape}/retrait": {p.ShowStepRemoval, p.RemoveStep},
		action + "/indicateurs": {p.ShowIndicators}, action + "/indicateurs/nouveau": {p.ShowNewIndicator, p.AddIndicator},
		action + "/indicateurs/{indicateur}/modification": {p.ShowIndicatorChange, p.ChangeIndicator},
		action + "/indicateurs/{indicateur}/cibles":       {p.ShowTargets, p.SetTargets}, action + "/indicateurs/{indicateur}/ordre": {nil, p.MoveIndicator},
		action + "/indicateurs/{indicateur}/retrait": {p.ShowIndicatorRemoval, p.RemoveIndicator}, action + "/indicateurs/{indicateur}/valeurs": {p.ShowReadings},
		action + "/indicateurs/{indicateur}/valeurs/nouvelle":            {p.ShowNewReading, p.AddReading},
		action + "/indicateurs/{indicateur}/valeurs/{valeur}/correction": {p.ShowCorrection, p.CorrectReading},
		action + "/indicateurs/{indicateur}/valeurs/{valeur}/retrait":    {p.ShowReadingRemoval, p.RemoveReading},
		action + "/documents":                         {p.ShowDocuments, p.AddDocument},
		action + "/documents/{document}/modification": {p.ShowDocumentChange, p.ChangeDocument},
		action + "/documents/{document}/retrait":      {p.ShowDocumentRemoval, p.RemoveDocument},
		action + "/liens":                             {p.ShowLinks},
		action + "/liens/decisions":                   {p.SearchDecisions, p.LinkDecision}, action + "/liens/decisions/retrait": {nil, p.UnlinkDecision},
		action + "/liens/reunions": {p.SearchMeetings, p.LinkMeeting}, action + "/liens/reunions/retrait": {nil, p.UnlinkMeeting},
	} {
		for i, method := range []string{http.MethodGet, http.MethodPost} {
			if h[i] != nil {
				s.Handle(method, pattern, h[i])
			}
		}
	}
	return s
}

func (s site) version(id roadmap.ID) string { return page.IDText(s.w.Whole(id).Version) }

// acts counts the acts of a kind that the journal has of an action.
func (s site) acts(act string, id roadmap.ID) int {
	s.T.Helper()
	var n int
	if err := s.w.DB.QueryRow(s.T.Context(), `SELECT count(*) FROM audit_entry WHERE action = $1 AND object = 'roadmap_action' AND object_id = $2`,
		"roadmap."+act, id).Scan(&n); err != nil {
		s.T.Fatal(err)
	}
	return n
}

func (s site) journalled(act string, id roadmap.ID, want int) {
	s.T.Helper()
	if n := s.acts(act, id); n != want {
		s.T.Errorf("the journal has %d acts %s, wanted %d", n, act, want)
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	base := partPath(s.w.Shared, partSteps)
	s.Post(base+"/nouvelle", 422, "titre", "", "jalon", "oui")
	s.Holds(s.Post(base+"/nouvelle", 422, "titre", "Bilan", "jalon", "oui"), "Un jalon a une date")
	s.Post(base+"/nouvelle", 422, "titre", strings.Repeat("a", 100_000), "echeance", "31/2/2027")
	s.Post(base+"/nouvelle", 400, "titre", "Bilan", "inconnu", "1")
	s.Post(base+"/nouvelle", 303, "titre", "Bilan", "jalon", "oui", "echeance", french.NumericDate(s.w.Today.AddDays(-3)))
	steps := s.w.Whole(s.w.Shared).Steps
	one := base + "/" + page.IDText(steps[2].ID)
	s.Holds(s.Get(base, 200), "En retard, attendue il y a", "(jalon)", "Faite le", "À faire", "Monter", "Descendre")

	seen := s.version(s.w.Shared)
	s.Holds(s.Get(one+"/modification", 200), "Bilan", `value="`+seen+`"`)
	s.Post(one+"/ordre", 303, "sens", "haut")
	s.Post(one+"/ordre", 400, "sens", "ailleurs")
	if got := s.w.Whole(s.w.Shared).Steps; got[1].ID != steps[2].ID || got[2].ID != steps[1].ID {
		t.Errorf("after a move up: %+v", got)
	}
	body := s.Post(one+"/modification", 409, "titre", "Bilan public", "version", seen)
	s.Holds(body, "Bilan public", "Les deux versions", `value="`+s.version(s.w.Shared)+`"`)
	s.Post(one+"/modification", 303, "titre", "Bilan public", "version", s.version(s.w.Shared))
	s.Post(one+"/realisation", 422, "etat", "faite", "faite_le", french.NumericDate(s.w.Today.AddDays(1)), "version", s.version(s.w.Shared))
	s.Get(one+"/realisation", 200)
	s.Post(one+"/realisation", 303, "etat", "faite", "faite_le", french.NumericDate(s.w.Today), "version", s.version(s.w.Shared))
	if got := s.w.Whole(s.w.Shared).Steps[1]; got.DoneOn != s.w.Today || got.Milestone || got.Title != "Bilan public" {
		t.Errorf("the step is %+v", got)
	}
	s.Post(one+"/realisation", 303, "etat", "a-faire", "version", s.version(s.w.Shared))
	s.Post(one+"/retrait", 409, "version", seen)
	s.Holds(s.Get(one+"/retrait", 200), "Bilan public", "À faire")
	s.Post(one+"/retrait", 303, "version", s.version(s.w.Shared))
	s.Get(one+"/retrait", 404)
	s.journalled("step", s.w.Shared, 6)
	// A step of another action, another role.
	s.Get(partPath(s.w.Local, partSteps)+"/"+page.IDText(steps[0].ID)+"/modification", 404)
	s.Post(partPath(s.w.Local, partSteps)+"/"+page.IDText(steps[0].ID)+"/ordre", 404, "sens", "bas")
	s.Get(partPath(999_999, partSteps), 404)
	s.refusesOthers(base, base+"/nouvelle", "titre", "Intrusion")
}

// refusesOthers checks that nobody but the team reads or writes here.
func (s site) refusesOthers(read, write string, pairs ...string) {
	s.T.Helper()
	for _, by := range []access.Actor{s.w.MayorBegles, s.w.PartnerPerson, s.w.Chair, {}} {
		s.Actor = by
		if w := s.Do(httptest.NewRequest(http.MethodGet, read, nil)); w.Code != http.StatusForbidden && w.Code != http.StatusNotFound {
			s.T.Errorf("%s reads %s: %d", by.Name, read, w.Code)
		}
		r := httptest.NewRequest(http.MethodPost, write, strings.NewReader(formOf(pairs)))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if w := s.Do(r); w.Code != http.StatusForbidden && w.Code != http.StatusNotFound {
			s.T.Errorf("%s writes %s: %d", by.Name, write, w.Code)
		}
	}
	s.Actor = s.w.Team
}

func formOf(pairs []string) string {
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, pairs[i]+"="+pairs[i+1])
	}
	return strings.Join(out, "&")
}

func TestIndicators(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	base := partPath(s.w.Local, partIndicators)
	s.Get(base+"/nouveau", 200)
	s.Post(base+"/nouveau", 422, "nom", "Ordinateurs prêtés", "sens", "hausse", "reference", "12")
	s.Post(base+"/nouveau", 422, "nom", "Ordinateurs prêtés", "sens", "hausse", "reference", "douze", "reference_le", "1/1/2026")
	s.Post(base+"/nouveau", 422, "nom", "Ordinateurs prêtés", "sens", "hausse", "reference", "1", "reference_le", french.NumericDate(s.w.Today.AddDays(2)))
	to := s.Post(base+"/nouveau", 303, "nom", "Ordinateurs prêtés", "unite", "ordinateurs", "sens", "hausse", "reference", "1 000,5", "reference_le", "31/12/"+page.IDText(s.w.Today.Year()-1), "methode", "Relevé")
	i := s.w.Whole(s.w.Local).Indicators[0]
	one := base + "/" + page.IDText(i.ID)
	year := s.w.Today.Year()
	s.Holds(s.Get(to, 200), "Cible de "+page.IDText(year))
	s.Post(one+"/cibles", 422, roadmap.TargetField(year), "beaucoup", "version", "1")
	s.Post(one+"/cibles", 303, roadmap.TargetField(year), "2 000", roadmap.TargetField(year+1), "3000,25", "version", "1")
	s.Post(one+"/cibles", 409, roadmap.TargetField(year), "5", "version", "1")
	s.Post(one+"/cibles", 303, roadmap.TargetField(year), "2 000", roadmap.TargetField(year+2), "4000", "version", "2")
	if got := s.w.Whole(s.w.Local).Indicators[0]; len(got.Targets) != 2 || got.Targets[1].Value != 4000_0000 || *got.Baseline != 1000_5000 || got.Version != 3 {
		t.Errorf("the indicator is %+v", got)
	}
	s.Holds(s.Get(one+"/modification", 200), "1\u202f000,5", "Relevé")
	s.Holds(s.Post(one+"/modification", 409, "nom", "Prêts", "sens", "baisse", "version", "2"), "Les deux versions", "Doit baisser")
	s.Post(one+"/modification", 303, "nom", "Prêts", "sens", "hausse", "reference", "0", "reference_le", "31/12/"+page.IDText(year-1), "version", "3")
	s.Post(base+"/nouveau", 303, "nom", "Écoles", "sens", "hausse")
	s.Post(one+"/ordre", 303, "sens", "bas")
	if got := s.w.Whole(s.w.Local).Indicators; got[1].ID != i.ID {
		t.Errorf("after a move down: %+v", got)
	}
	s.Holds(s.Get(base, 200), "Pas encore de valeur", "Prêts", "Écoles")

	s.readings(one, i.ID)
	s.Get(one+"/retrait", 200)
	s.Post(one+"/retrait", 409, "version", "1")
	s.Post(one+"/retrait", 303, "version", "4")
	s.Get(one+"/valeurs", 404)
	s.journalled("indicator", s.w.Local, 5)
	s.journalled("target", s.w.Local, 2)
	s.refusesOthers(base, base+"/nouveau", "nom", "Intrusion", "sens", "hausse")
}

// readings adds, corrects and removes values of an indicator.
func (s site) readings(one string, i roadmap.IndicatorID) {
	s.T.Helper()
	today := french.NumericDate(s.w.Today)
	s.Get(one+"/valeurs/nouvelle", 200)
	s.Post(one+"/valeurs/nouvelle", 422, "valeur", "12", "jour", today)
	s.Post(one+"/valeurs/nouvelle", 422, "valeur", "12", "jour", french.NumericDate(s.w.Today.AddDays(1)), "source", "Bilan")
	s.Post(one+"/valeurs/nouvelle", 422, "valeur", "60.000", "jour", today, "source", "Bilan")
	s.Post(one+"/valeurs/nouvelle", 422, "valeur", strings.Repeat("9", 30), "jour", today, "source", "Bilan")
	s.Post(one+"/valeurs/nouvelle", 303, "valeur", "12,5", "jour", today, "source", "Bilan")
	s.Holds(s.Post(one+"/valeurs/nouvelle", 422, "valeur", "13", "jour", today, "source", "Bilan"), "déjà enregistrée ce jour-là")
	x := s.w.Whole(s.w.Local).Indicators[1].Readings[0]
	value, seen := one+"/valeurs/"+page.IDText(x.ID), s.version(s.w.Local)
	s.Holds(s.Get(one+"/valeurs", 200), "12,5", "Bilan", "Hors de sa trajectoire", "Attendu le")
	s.Get(value+"/correction", 200)
	s.Post(value+"/correction", 422, "valeur", "9999", "jour", today, "source", "Bilan", "version", seen)
	s.Post(value+"/correction", 303, "valeur", "9 999", "jour", today, "source", "Bilan", "motif", "Erreur de saisie", "version", seen)
	s.Holds(s.Post(value+"/correction", 409, "valeur", "1", "jour", today, "source", "Bilan", "motif", "Autre", "version", seen), "9\u202f999")
	s.Holds(s.Get(one+"/valeurs", 200), "Cible atteinte")
	s.Get(value+"/retrait", 200)
	s.Post(value+"/retrait", 422, "version", s.version(s.w.Local))
	s.Post(value+"/retrait", 409, "motif", "Doublon", "version", seen)
	s.Post(value+"/retrait", 303, "motif", "Doublon", "version", s.version(s.w.Local))
	s.Get(value+"/correction", 404)
	s.journalled("reading", s.w.Local, 3)
}

// TestIndicatorHeld: what reports hold figures of stays.
func TestIndicatorHeld(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	i := s.w.Whole(s.w.Shared).Indicators[0].ID
	if _, err := s.w.DB.Exec(t.Context(), `
		WITH r AS (INSERT INTO progress_report (action_id, organisation_id, situation) VALUES ($1, $2, 'in_progress') RETURNING id)
		INSERT INTO report_figure (report_id, indicator_id, value) SELECT id, $3, 2 FROM r`, s.w.Shared, s.w.Begles, i); err != nil {
		t.Fatal(err)
	}
	one := linePath(s.w.Shared, partIndicators, i, "retrait")
	s.Holds(s.Get(one, 200), "ne peut pas être retiré", "chiffre donné dans un point")
	s.Post(one, 422, "version", "1")
	if len(s.w.Whole(s.w.Shared).Indicators) != 1 {
		t.Error("the indicator is gone")
	}
}

func (s site) upload(path, title, readers, name, content string) *httptest.ResponseRecorder {
	s.T.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	_ = m.WriteField("titre", title)
	_ = m.WriteField("diffusion", readers)
	part, err := m.CreateFormFile("fichier", name)
	if err != nil {
		s.T.Fatal(err)
	}
	_, _ = part.Write([]byte(content))
	_ = m.Close()
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return s.Do(r)
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	base := partPath(s.w.Shared, partDocuments)
	const table = "commune;postes\nBègles;12\n"
	for _, c := range []struct{ title, readers, name, content string }{
		{"", forAll, "", ""}, {"", "personne", "postes.csv", table}, {"", forAll, "postes.exe", "MZ"}, {"", forAll, "postes.pdf", table}} {
		if w := s.upload(base, c.title, c.readers, c.name, c.content); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%+v: %d", c, w.Code)
		}
	}
	for _, c := range [][2]string{{"", forMembers}, {"Postes par commune", forAll}} {
		if w := s.upload(base, c[0], c[1], "postes.csv", table); w.Code != http.StatusSeeOther {
			t.Fatalf("%v: %d %s", c, w.Code, w.Body)
		}
	}
	if w := s.upload(partPath(s.w.Idea, partDocuments), "Idée", forAll, "idee.csv", table); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	files := s.w.Whole(s.w.Shared).Documents
	s.Holds(s.Get(base, 200), "postes", "Postes par commune", "Tout le monde", "Membres de la gouvernance")
	idea := s.w.Whole(s.w.Idea).Documents[0]
	s.reads(files[0], 404, 200)
	s.reads(files[1], 200, 200)
	s.reads(idea, 404, 404) // a proposed action is its proposer's and the team's
	idea.Action = s.w.Shared
	s.reads(idea, 404, 404)

	one, seen := linePath(s.w.Shared, partDocuments, files[0].Link, ""), s.version(s.w.Shared)
	s.Get(one+"modification", 200)
	s.Post(one+"modification", 422, "titre", "", "diffusion", forAll, "version", seen)
	s.Post(one+"modification", 303, "titre", "Postes", "diffusion", forAll, "version", seen)
	s.Holds(s.Post(one+"modification", 409, "titre", "Autre", "diffusion", forMembers, "version", seen), "Les deux versions")
	s.reads(files[0], 200, 200)
	s.Get(one+"retrait", 200)
	s.Post(one+"retrait", 409, "version", seen)
	s.Post(one+"retrait", 303, "version", s.version(s.w.Shared))
	s.reads(files[0], 404, 404)
	s.Get(one+"retrait", 404)
	s.journalled("document", s.w.Shared, 4)
	s.refusesOthers(base, one+"modification", "titre", "Intrusion", "diffusion", forAll, "version", "1")
}

// reads checks what the public and a member get of a file.
func (s site) reads(d roadmap.Document, public, member int) {
	s.T.Helper()
	for _, c := range []struct {
		by   access.Actor
		want int
	}{{access.Actor{}, public}, {s.w.MayorPessac, member}} {
		s.Actor = c.by
		w := s.Do(httptest.NewRequest(http.MethodGet, fileAddress(d), nil))
		if w.Code != c.want {
			s.T.Errorf("%q reads %s: %d, wanted %d", c.by.Name, d.Title, w.Code, c.want)
		}
		if h := w.Header(); w.Code == 200 && (h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") ||
			!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || !strings.Contains(w.Body.String(), "Bègles")) {
			s.T.Errorf("%s: %v", d.Title, h)
		}
	}
	s.Actor = s.w.Team
}
