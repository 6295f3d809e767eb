package campaign

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	domain "bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/campaign"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/page/pagetest"
)

// world is a roadmap and the pages of its campaigns.
type world struct {
	*roadmaptest.World
	*pagetest.Site
	t testing.TB
	s *campaign.Service
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{World: roadmaptest.New(t), Site: pagetest.New(t), t: t}
	jobs, err := notify.NewInserter(nil)
	if err != nil {
		t.Fatal(err)
	}
	outbox := notify.NewOutbox(jobs)
	w.s = campaign.New(w.DB, meeting.New(w.DB, outbox, "https://portail.example.org"), outbox, "https://portail.example.org")
	w.Actor = w.Team
	p := &Pages{Kit: w.Kit, Campaigns: w.s}
	const one = listPath + "/{id:[0-9]+}"
	for pattern, h := range map[string]page.Handler{
		"GET " + listPath: p.List, "GET " + newPath: p.ShowNew, "POST " + newPath: p.Add, "GET " + one: p.Show,
		"GET " + one + "/modification": p.ShowChange, "POST " + one + "/modification": p.Change,
		"GET " + one + "/ouverture": p.ShowOpening, "POST " + one + "/ouverture": p.Open, "GET " + one + "/echeance": p.ShowExtend, "POST " + one + "/echeance": p.Extend,
		"GET " + one + "/communes/{insee}": p.Commune, "GET " + one + "/points/{point:[0-9]+}": p.ShowPoint,
		"POST " + one + "/points/{point:[0-9]+}/acceptation": p.Accept, "POST " + one + "/points/{point:[0-9]+}/precision": p.AskBack,
		"GET " + one + "/points/{point:[0-9]+}/correction": p.ShowCorrection, "POST " + one + "/points/{point:[0-9]+}/correction": p.Correct,
		"GET " + one + "/acceptation": p.ShowPlain, "POST " + one + "/acceptation": p.AcceptPlain, "GET " + one + "/relance": p.ShowReminder, "POST " + one + "/relance": p.Remind,
		"GET " + one + "/cloture": p.ShowClosing, "POST " + one + "/cloture": p.Close, "GET " + one + "/dossier": p.TeamPack, "GET " + one + "/dossier.{ext}": p.PackFile,
		"GET " + loosePath: p.ShowLooseReports, "GET " + loosePath + "/{point:[0-9]+}": p.ShowLooseReport,
		"POST " + loosePath + "/{point:[0-9]+}/acceptation": p.AcceptLoose, "POST " + loosePath + "/{point:[0-9]+}/precision": p.AskLoose,
		"POST " + one + "/dossier/reunion": p.Attach, "GET /campagnes/{id:[0-9]+}": p.Pack, "GET /campagnes/{id:[0-9]+}.{ext}": p.PackFile,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		w.Handle(method, path, h)
	}
	return w
}

var plainSpaces = strings.NewReplacer("\u00a0", " ", "\u202f", " ")

// Get and Post are those of the site; what they return has ordinary spaces.
func (w *world) Get(path string, status int) string {
	w.t.Helper()
	return plainSpaces.Replace(w.Site.Get(path, status))
}

func (w *world) Post(path string, status int, pairs ...string) string {
	w.t.Helper()
	return plainSpaces.Replace(w.Site.Post(path, status, pairs...))
}

func (w *world) count(sql string, args ...any) (n int) {
	w.t.Helper()
	if err := w.DB.QueryRow(w.t.Context(), sql, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.DB.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

// report is what a commune says.
func (w *world) report(by access.Actor, r progress.Report) progress.Report {
	w.t.Helper()
	r.Organisation = by.Acting.Organisation
	kept, err := progress.Insert(w.t.Context(), w.DB, by, r)
	if err != nil {
		w.t.Fatal(err)
	}
	return kept
}

func tens(n int) *int { return &n }

// TestCampaign leads a campaign from its preparation to the agenda of the meeting.
func TestCampaign(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(`INSERT INTO meeting (body, starts_at, ends_at, state, announced) VALUES ('communes', now() + interval '60 days', now() + interval '60 days 2 hours', 'draft', true)`)
	meetingID := w.count(`SELECT max(id)::int FROM meeting`)
	w.exec(`INSERT INTO progress_report (action_id, organisation_id, situation, percent, state, at) VALUES ($1, $2, 'in_progress', 50, 'accepted', now() - interval '90 days')`, w.Shared, w.Begles)

	// Preparing: filters without script, then what must be put right.
	w.Holds(w.Get(newPath, 200), "Ouvrir un atelier de réemploi", "Équiper et connecter")
	soon := french.NumericDate(w.Today.AddDays(30))
	body := w.Post(newPath, 200, "titre", "Point d’automne", "selection", "aucune", "jour", soon)
	w.Holds(body, "Point d’automne")
	w.Lacks(body, "checked")
	for _, bad := range [][]string{{"titre", "", "jour", soon, "heure", "18 h", "actions", "1"}, {"titre", "A", "jour", "1/1/2020", "heure", "18 h", "actions", page.IDText(w.Shared)},
		{"titre", "A", "jour", "1/1/2190", "heure", "18 h", "actions", page.IDText(w.Shared)}, {"titre", "A", "jour", soon, "heure", "18 h", "actions", "9223372036854775807"},
		{"titre", "A", "jour", soon, "heure", "25 h", "actions", "x"}, {"titre", strings.Repeat("a", 100_000), "jour", soon, "heure", "18 h"},
		{"titre", "A", "jour", french.NumericDate(w.Today.AddDays(80)), "heure", "18 h", "actions", page.IDText(w.Shared), "reunion", strconv.Itoa(meetingID)},
		{"titre", "A", "jour", soon, "heure", "18 h", "actions", page.IDText(w.Shared), "reunion", "999999999"}} {
		w.Post(newPath, 422, bad...)
	}
	to := w.Post(newPath, 303, "titre", "Point d’automne", "jour", soon, "heure", "18 h", "message", "Merci à vous.", "reunion", strconv.Itoa(meetingID),
		"actions", page.IDText(w.Shared), "actions", page.IDText(w.Local), "actions", page.IDText(w.Idea))
	one := strings.TrimSuffix(to, "/ouverture")
	n, _ := strconv.Atoi(strings.TrimPrefix(one, listPath+"/"))
	id := campaign.ID(n)
	w.Post(one+"/modification", 409, "titre", "B", "jour", soon, "heure", "18 h", "actions", page.IDText(w.Shared), "version", "7")
	w.Holds(w.Get(one+"/modification", 200), "checked")

	// Opening: what is not public is not asked; each person once.
	body = w.Get(to, 200)
	w.Holds(body, "28 communes", "30 questions", "26 communes ne recevront rien", "Deux minutes suffisent", "Le point de Bègles : 2 actions à mettre à jour", "Merci à vous.")
	w.Post(to, 409, "version", "9")
	w.Post(to, 303, "version", "1")
	w.Get(to, 409) // opened: nothing to check any more
	if got := w.count(`SELECT count(*) FROM mail WHERE kind = 'campaign_open'`); got != 3 {
		t.Errorf("%d mails to open, wanted those of two mayors and a delegate", got)
	}
	if w.count(`SELECT count(*) FROM campaign_question WHERE campaign_id = $1`, n) != 30 || w.count(`SELECT count(*) FROM campaign_target WHERE campaign_id = $1 AND mailed_at IS NOT NULL`, n) != 2 {
		t.Error("the questions or the targets are not those of the actions")
	}
	second := w.Post(newPath, 303, "titre", "Autre", "jour", soon, "heure", "18 h", "actions", page.IDText(w.Shared))
	w.Holds(w.Post(second, 409, "version", "1"), "Une autre campagne est ouverte")

	// Answers.
	indicator := domain.IndicatorID(w.count(`SELECT min(id)::int FROM action_indicator WHERE action_id = $1`, w.Shared))
	good := w.report(w.MayorBegles, progress.Report{Action: w.Shared, Campaign: id, Situation: progress.InProgress, Percent: tens(70), Done: "Deux lieux ouverts.", GoodPractice: true,
		Figures: []progress.Figure{{Indicator: indicator, Value: 2_0000}}})
	late := w.report(w.MayorBegles, progress.Report{Action: w.Local, Campaign: id, Situation: progress.Late, Difficulty: "Livraison en retard.", Need: "Un camion", NeedKind: progress.Equipment})
	// What Bordeaux said before counts still, silent as it is now; a figure of Pessac gives way.
	for org, n := range map[access.OrganisationID]int{w.Bordeaux: 1, w.Pessac: 9} {
		w.exec(`WITH r AS (INSERT INTO progress_report (action_id, organisation_id, situation, state, at) VALUES ($1, $2, 'in_progress', 'accepted', now() - interval '90 days') RETURNING id)
			INSERT INTO report_figure SELECT id, $3, $4 FROM r`, w.Shared, org, indicator, n)
	}
	pessac := w.report(w.MayorPessac, progress.Report{Action: w.Shared, Campaign: id, Situation: progress.InProgress, Percent: tens(10), Figures: []progress.Figure{{Indicator: indicator, Value: 3_5000}}})
	body = w.Get(one, 200)
	w.Holds(body, "2 communes ont répondu", "3 points à relire", "Accepter les 2 points sans difficulté", "2/2", "1/2")
	w.Holds(w.Get(one+"?communes=incompletes", 200), "1/2")
	w.Get(one+"?communes=nimporte", 422)
	w.Holds(w.Get(one+"/communes/33039", 200), "Deux lieux ouverts.", "mayor-")
	w.Get(one+"/communes/75056", 404)
	w.Get(strings.TrimSuffix(second, "/ouverture")+"/points/"+page.IDText(good.ID), 404)

	// Reading: another person's version, then each act.
	at := func(r progress.Report) string { return one + "/points/" + page.IDText(r.ID) }
	w.Holds(w.Get(at(good), 200), "En cours, 50", "En cours, 70", "Permanences ouvertes", "Deux lieux ouverts.")
	w.Post(at(late)+"/acceptation", 409, "version", "7")
	w.Post(at(late)+"/precision", 422, "version", "1", "motif", "")
	if to := w.Post(at(late)+"/precision", 303, "version", "1", "motif", "Quelle livraison ?"); to != at(good) {
		t.Errorf("after a report: %s, wanted the next one", to)
	}
	if w.count(`SELECT count(*) FROM mail WHERE kind = 'campaign_ask' AND to_address = (SELECT email FROM person WHERE id = $1)`, w.MayorBegles.Person) != 1 {
		t.Error("who reported is not asked")
	}
	w.Holds(w.Get(one+"/acceptation", 200), "les 2 points", "Deux lieux ouverts.")
	w.Post(one+"/acceptation", 400, "points", page.IDText(good.ID), "points", "zéro")
	w.Post(one+"/acceptation", 303, "points", page.IDText(good.ID), "points", page.IDText(late.ID))
	if w.count(`SELECT count(*) FROM progress_report WHERE campaign_id = $1 AND state = 'accepted'`, n) != 1 {
		t.Error("accepting at once took what has a difficulty, or nothing")
	}
	w.Holds(w.Get(at(pessac)+"/correction", 200), "3,5")
	w.Post(at(pessac)+"/correction", 422, "version", "1", "situation", "late", "motif", "Faute de frappe.")
	w.Post(at(pessac)+"/correction", 422, "version", "1", "situation", "in_progress", "motif", "Faute.", "chiffre_"+page.IDText(indicator), "beaucoup")
	w.Post(at(pessac)+"/correction", 303, "version", "1", "situation", "in_progress", "avancement", "20", "chiffre_"+page.IDText(indicator), "4,5", "motif", "Faute de frappe.")
	w.Holds(w.Get(at(pessac), 200), "Remplacé", "ne change plus")
	w.Post(at(pessac)+"/correction", 409, "version", "2", "situation", "in_progress", "motif", "Encore.")
	if w.count(`SELECT count(*) FROM mail WHERE kind = 'campaign_correct'`) != 1 {
		t.Error("who reported does not know of the correction")
	}

	// Reminding: once a day.
	w.Holds(w.Get(one+"/relance", 200), "Communes à qui il reste des actions", "Rappel, le point de Pessac : 1 action")
	w.Post(one+"/relance", 422)
	w.Holds(w.Post(one+"/relance", 409, "groupes", "muettes"), "Personne n’est à relancer")
	w.Post(one+"/relance", 303, "groupes", "muettes", "groupes", "incompletes")
	w.Post(one+"/relance", 409, "groupes", "incompletes")
	if w.count(`SELECT count(*) FROM mail WHERE kind = 'campaign_remind'`) != 1 {
		t.Error("the reminder is not one mail to the mayor of Pessac")
	}

	// Closing.
	w.Actor = w.MayorBegles
	w.Get("/campagnes/"+strconv.Itoa(n), 404) // not yet
	w.Actor = w.Team
	w.Holds(w.Get(one+"/dossier", 200), "n’est pas figé")
	w.Holds(w.Get(one+"/cloture", 200), "1 précision demandée", "26 communes n’ont rien répondu", campaign.PointTitle)
	w.Post(one+"/cloture", 409, "version", "99")
	w.Post(one+"/cloture", 303, "version", "2")
	w.Get(one+"/cloture", 409)
	w.Post(one+"/dossier/reunion", 303) // twice the same: nothing more
	if got := w.count(`SELECT count(*) FROM meeting_document d JOIN agenda_item i ON i.id = d.item_id WHERE i.meeting_id = $1 AND i.title = $2 AND d.audience = 'members'`, meetingID, campaign.PointTitle); got != 1 {
		t.Errorf("%d documents under the point of agenda, wanted the spreadsheet", got)
	}
	if got := w.count(`SELECT (value * 10)::int FROM indicator_reading WHERE indicator_id = $1 AND source LIKE 'Campagne « Point d’automne »%somme de 3%'`, indicator); got != 75 {
		t.Errorf("the sum of 1, 2 and 4,5 is read as %d tenths", got)
	}
	w.Post(at(late)+"/acceptation", 409, "version", "2") // the pack does not change any more
	w.Get(one, 200)
	w.exec(`UPDATE organisation SET name = 'Ailleurs' WHERE id = $1`, w.Begles)
	w.Actor = w.MayorPessac
	body = w.Get("/campagnes/"+strconv.Itoa(n), 200)
	w.Holds(body, "Bègles", "Un camion", "Livraison en retard.", "Permanences ouvertes", "7,5", "2/28", "3/30", "Sans réponse")
	w.Lacks(body, "Ailleurs", "Joindre à l’ordre du jour")
	w.Holds(w.Get("/campagnes/"+strconv.Itoa(n)+".csv", 200), "Bègles", "Deux lieux ouverts.")
	w.Get("/campagnes/"+strconv.Itoa(n)+".pdf", 503)
	w.Actor = access.Actor{}
	w.Get("/campagnes/"+strconv.Itoa(n), 404)
}

// TestRights: nobody but the team runs campaigns, whatever page is asked.
func TestRights(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, by := range []access.Actor{{}, w.MayorBegles, w.PartnerPerson, w.Chair} {
		w.Actor = by
		for _, path := range []string{"", "/nouvelle", "/1", "/1/ouverture", "/1/modification", "/1/echeance", "/1/relance", "/1/acceptation", "/1/cloture", "/1/communes/33039", "/1/points/1"} {
			w.Get(listPath+path, http.StatusForbidden)
		}
		for _, path := range []string{"/1/ouverture", "/1/points/1/acceptation", "/1/cloture"} {
			w.Post(listPath+path, http.StatusForbidden)
		}
	}
	w.Actor = w.Team
	for _, path := range []string{"/9", "/9/ouverture", "/9/modification", "/9/cloture", "/9/relance", "/9/acceptation", "/9/dossier", "/9/points/1", "/9/communes/33039", "/99999999999999999999"} {
		w.Get(listPath+path, http.StatusNotFound)
	}
}

// TestClock: answers end at the hour, the closing may move, and a forgotten campaign is
// closed when its time is long past.
func TestClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var open campaign.Open
	read := func() campaign.Open {
		t.Helper()
		var b postgres.Batch
		campaign.AddOpen(&b, &open)
		if err := b.Run(t.Context(), w.DB); err != nil {
			t.Fatal(err)
		}
		return open
	}
	if o := read(); o.ID != 0 {
		t.Errorf("no campaign is open, and %+v", o)
	}
	c, err := w.s.Add(t.Context(), w.Team, campaign.Input{Title: "Hiver", ClosesOn: w.Today.AddDays(5), Actions: []domain.ID{w.Shared}})
	if err != nil {
		t.Fatal(err)
	}
	if c, _, err = w.s.Open(t.Context(), w.Team, c.ID, c.Version); err != nil {
		t.Fatal(err)
	}
	w.report(w.MayorBegles, progress.Report{Action: w.Shared, Campaign: c.ID, Situation: progress.Done, Done: "Fait."})
	if o := read(); o.ID != c.ID || o.Asked != 28 || o.Answered != 1 || o.Waiting != 1 || o.Over {
		t.Errorf("the dashboard reads %+v", o)
	}
	one := deskPath(c.ID)
	w.exec(`UPDATE campaign SET opened_at = now() - interval '40 days', closes_at = now() WHERE id = $1`, c.ID)
	if o := read(); !o.Over {
		t.Error("at its hour the campaign still waits: the period is half-open")
	}
	w.Get(one+"/relance", 409)
	w.Holds(w.Get(one, 200), "Réponses closes, dossier à faire", "Rouvrir les réponses")
	w.Post(one+"/echeance", 422, "jour", "1/1/2020", "heure", "18 h", "version", "2")
	w.Post(one+"/echeance", 303, "jour", french.NumericDate(w.Today.AddDays(3)), "heure", "18 h", "version", "2")
	w.Holds(w.Get(one, 200), "Relancer les communes")
	if err := w.s.CloseDue(t.Context()); err != nil || read().ID == 0 {
		t.Fatal("closed before its time", err)
	}
	w.exec(`UPDATE campaign SET closes_at = now() - interval '31 days' WHERE id = $1`, c.ID)
	if err := w.s.CloseDue(t.Context()); err != nil || read().ID != 0 {
		t.Fatal("a forgotten campaign stays open", err)
	}
	w.Holds(w.Get(one+"/dossier", 200), "n’était pas acceptée", "Fait.")
	w.Holds(w.Get(listPath, 200), "Hiver", "Close")
}

// TestLooseReports reads what no campaign reads: sent outside any, it waits for the team,
// which accepts it or asks more.
func TestLooseReports(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Holds(w.Get(loosePath, 200), "Aucun point à relire")
	sixty := 60
	send := func(by access.Actor, org access.OrganisationID) string {
		r, err := progress.Insert(t.Context(), w.DB, by, progress.Report{Action: w.Local, Organisation: org, Situation: progress.InProgress, Percent: &sixty,
			Done: "Trente ordinateurs prêtés."})
		if err != nil {
			t.Fatal(err)
		}
		return loosePath + "/" + page.IDText(r.ID)
	}
	begles, pessac := send(w.MayorBegles, w.Begles), send(w.MayorPessac, w.Pessac)
	w.Holds(w.Get(loosePath, 200), "Bègles", "Pessac", "Prêter des ordinateurs", begles)
	w.Holds(w.Get(begles, 200), "Trente ordinateurs prêtés.", "Accepter ce point", "Maire Bègles")
	w.Post(begles+"/acceptation", 409, "version", "7")
	w.Post(begles+"/acceptation", 303, "version", "1")
	w.Post(begles+"/acceptation", 409, "version", "2")
	w.Holds(w.Post(pessac+"/precision", 422, "version", "1", "motif", ""), "Dites ce que vous attendez")
	w.Post(pessac+"/precision", 303, "version", "1", "motif", "Dans quelles écoles ?")
	w.Holds(w.Get(loosePath, 200), "Aucun point à relire")
	w.Holds(w.Get(begles, 200), "Ce point a déjà été traité.")
	for org, want := range map[access.OrganisationID]string{w.Begles: "accepted", w.Pessac: "asked_back"} {
		var got string
		if err := w.DB.QueryRow(t.Context(), `SELECT state FROM progress_report WHERE organisation_id = $1 AND action_id = $2`, org, w.Local).Scan(&got); err != nil || got != want {
			t.Errorf("the report of %d is %q (%v), want %s", org, got, err, want)
		}
	}
	w.Get(loosePath+"/999999", 404)
	w.Actor = w.MayorBegles
	w.Get(loosePath, 403)
	w.Post(begles+"/acceptation", 403, "version", "1")
}
