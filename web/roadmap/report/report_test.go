package report_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"mime/multipart"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
	"bordeaux-metropole.fr/portal/web/page/pagetest"
	"bordeaux-metropole.fr/portal/web/roadmap/report"
)

type site struct {
	*pagetest.Site
	w      *roadmaptest.World
	s      *progress.Service
	shared string // /mes-actions/N
	local  string
}

func serve(t *testing.T) *site {
	t.Helper()
	w, s := roadmaptest.New(t), pagetest.New(t)
	jobs, err := notify.NewInserter(nil) // it inserts in the transaction of the test
	if err != nil {
		t.Fatal(err)
	}
	v := &site{Site: s, w: w, s: progress.New(w.DB, notify.NewOutbox(jobs), "http://portal.example.org")}
	p := &report.Pages{Kit: s.Kit, Progress: v.s}
	const one, file = "/mes-actions/{id:[0-9]+}", "/points/{point:[0-9]+}/documents/{document:[0-9a-f-]{36}}"
	s.Handle("GET", "/mes-actions", p.ShowMine)
	s.Handle("GET", report.AllPath, p.ShowAll)
	s.Handle("POST", report.AllPath, p.All)
	s.Handle("POST", one+"/rien-de-nouveau", p.NothingNew)
	s.Handle("GET", one+"/point", p.Show)
	s.Handle("POST", one+"/point", p.Send)
	s.Handle("GET", one+"/point/merci", p.ShowThanks)
	s.Handle("POST", one+"/brouillon", p.KeepDraft)
	s.Handle("POST", one+"/brouillon/abandon", p.DropDraft)
	s.Handle("GET", one+"/points", p.ShowHistory)
	s.Handle("GET", one+file, p.Download)
	s.Handle("GET", "/feuille-de-route/actions/{id:[0-9]+}"+file, p.Download)
	v.shared, v.local = "/mes-actions/"+id(w.Shared), "/mes-actions/"+id(w.Local)
	v.Actor = w.MayorBegles
	v.Actor.Email = "maire-begles@example.org"
	return v
}

func id[T ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }

func (v *site) sql(sql string, args ...any) {
	v.T.Helper()
	if _, err := v.w.DB.Exec(v.T.Context(), sql, args...); err != nil {
		v.T.Fatal(err)
	}
}

func count(v *site, sql string, args ...any) int {
	v.T.Helper()
	var n int
	if err := v.w.DB.QueryRow(v.T.Context(), sql, args...).Scan(&n); err != nil {
		v.T.Fatal(err)
	}
	return n
}

// campaign opens one that asks Bègles for its two actions.
func (v *site) campaign() progress.CampaignID {
	v.T.Helper()
	c := count(v, `INSERT INTO campaign (title, message, opened_at, closes_at) VALUES ('Avant le comité', 'Merci de répondre.', now() - interval '1 day', now() + interval '5 days') RETURNING id`)
	v.sql(`INSERT INTO campaign_question VALUES ($1, $2, $3), ($1, $2, $4)`, c, v.w.Begles, v.w.Shared, v.w.Local)
	v.sql(`INSERT INTO campaign_target (campaign_id, organisation_id) VALUES ($1, $2)`, c, v.w.Begles)
	return progress.CampaignID(c)
}

// fields are what the page opens with: the hidden ones, and the answers checked.
func fields(body string, more ...string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`<input type="hidden" name="(vu|campagne|remplace)" value="(\d*)"`).FindAllStringSubmatch(body, -1) {
		out = append(out, m[1], m[2])
	}
	return append(out, more...)
}

// A whole campaign: a first report, « rien de nouveau » in one tap, the receipt, a
// change, the close.
func TestCampaign(t *testing.T) {
	t.Parallel()
	v := serve(t)
	v.Holds(v.Get("/mes-actions", 200), "Vos actions", "Ouvrir des permanences", "Prêter des ordinateurs", "Pas encore de point")
	v.Lacks(v.Get("/mes-actions", 200), "Ouvrir un atelier de réemploi", "Rien de nouveau</button>")
	// A first report, outside any campaign, waits for the team.
	body := v.Get(v.local+"/point", 200)
	v.Lacks(body, "Rien de nouveau")
	v.Holds(v.Post(v.local+"/point", 422, fields(body, "situation", "rien")...), "premier point")
	v.Holds(v.Post(v.local+"/point", 422, fields(body, "situation", "en-retard", "avancement", "60")...), "pourquoi l’action est en retard")
	to := v.Post(v.local+"/point", 303, fields(body, "situation", "en-retard", "avancement", "60", "difficulte", "Livraison retardée", "fait", "Deux classes équipées")...)
	v.Holds(v.Get(to, 200), "Merci, le point de Bègles est enregistré", "dès que l’équipe métropolitaine aura accepté")
	c := v.campaign()
	body = v.Get("/mes-actions", 200)
	v.Holds(body, "Avant le comité", "Merci de répondre.", "0\u00a0réponse sur 2", "En retard, 60\u202f%", "toutes les actions restantes")
	v.Holds(v.Get(report.AllPath, 200), "Prêter des ordinateurs", "demandent un point complet", "pour 1\u00a0action")
	// One tap copies the situation and the percent: not accepted yet, they still wait.
	last := count(v, `SELECT max(id)::int FROM progress_report`)
	v.Post(v.local+"/rien-de-nouveau", 303, "vu", strconv.Itoa(last), "campagne", id(c))
	if n := count(v, `SELECT count(*)::int FROM progress_report WHERE campaign_id = $1 AND nothing_new AND situation = 'late' AND percent = 60 AND state = 'sent' AND difficulty = ''`, c); n != 1 {
		t.Fatal("one tap did not repeat the last report")
	}
	if n := count(v, `SELECT count(*)::int FROM mail WHERE kind = 'report_receipt'`); n != 0 {
		t.Error("a receipt left before the last answer")
	}
	body = v.Get(v.shared+"/point", 200)
	v.Holds(body, "Permanences ouvertes", "à répondre avant le")
	figure := regexp.MustCompile(`name="(chiffre-\d+)"`).FindStringSubmatch(body)[1]
	v.Holds(v.Post(v.shared+"/point", 422, fields(body, "situation", "en-cours", figure, strings.Repeat("9", 11))...), "Saisissez un nombre")
	v.Post(v.shared+"/point", 303, fields(body, "situation", "realisee", figure, "2", "fait", "Deux lieux ouverts", "type_besoin", "funding", "besoin", "Un mi-temps")...)
	if n := count(v, `SELECT count(*)::int FROM progress_report r JOIN report_figure f ON f.report_id = r.id WHERE r.campaign_id = $1 AND r.percent = 100 AND f.value = 2 AND r.state = 'sent'`, c); n != 1 {
		t.Error("what is done must be whole, and its figure kept")
	}
	if n := count(v, `SELECT count(*)::int FROM mail WHERE kind = 'report_receipt'`); n != 1 {
		t.Error("no receipt, or several, when all is answered")
	}
	// Until the campaign closes it can be changed: whole, and a fall says why.
	body = v.Get(v.shared+"/point", 200)
	v.Holds(body, "Vous modifiez le point", "Deux lieux ouverts", "Un mi-temps")
	v.Holds(v.Post(v.shared+"/point", 422, fields(body, "situation", "en-cours", "avancement", "70")...), "dites pourquoi", `name="pourquoi"`)
	v.Post(v.shared+"/point", 303, fields(body, "situation", "en-cours", "avancement", "70", "pourquoi", "Un lieu a fermé")...)
	v.Holds(v.Get(v.shared+"/points", 200), "Remplacé", "Un lieu a fermé", "Modifier jusqu’au")
	// The clock of the database closes it: what was typed stays, and may leave outside.
	body = v.Get(v.shared+"/point", 200)
	v.sql(`UPDATE campaign SET opened_at = now() - interval '9 days', closes_at = now()`)
	body = v.Post(v.shared+"/point", 409, fields(body, "situation", "en-cours", "avancement", "80", "fait", "Trop tard")...)
	v.Holds(body, "La campagne est close", "Trop tard", "Enregistrer hors campagne")
	v.Post(v.shared+"/point", 303, fields(body, "situation", "en-cours", "avancement", "80", "fait", "Trop tard")...)
	if n := count(v, `SELECT count(*)::int FROM progress_report WHERE done = 'Trop tard' AND campaign_id IS NULL AND replaces_id IS NULL`); n != 1 {
		t.Error("the report outside the campaign is not there, or replaced the campaign's")
	}
}

// « Rien de nouveau » for all that remains: what changed since the check page was read
// is left, and the receipt goes with the last answer.
func TestNothingNewForAll(t *testing.T) {
	t.Parallel()
	v := serve(t)
	for _, path := range []string{v.local, v.shared} {
		v.Post(path+"/point", 303, fields(v.Get(path+"/point", 200), "situation", "en-cours", "avancement", "20", "suite", "Ouvrir")...)
	}
	v.sql(`UPDATE progress_report SET state = 'accepted' WHERE action_id = $1`, v.w.Shared)
	c := v.campaign()
	sent := fields(v.Get(report.AllPath, 200)) // campagne, and vu twice
	if len(sent) != 6 {
		t.Fatalf("the check page sends %v", sent)
	}
	v.Post(report.AllPath, 409, "campagne", "999999", "vu", "1")
	v.Post(report.AllPath, 303, sent[:4]...)
	v.Holds(v.Get("/mes-actions", 200), "1\u00a0réponse sur 2")
	v.Post(report.AllPath, 303, sent...)
	if n := count(v, `SELECT count(*)::int FROM progress_report WHERE campaign_id = $1 AND nothing_new AND state = CASE action_id WHEN $2 THEN 'accepted' ELSE 'sent' END AND percent = 20 AND next_step = ''`, c, v.w.Shared); n != 2 {
		t.Errorf("%d reports, wanted 2", n)
	}
	if n := count(v, `SELECT count(*)::int FROM mail WHERE kind = 'report_receipt'`); n != 1 {
		t.Errorf("%d receipts, wanted 1", n)
	}
	if n := count(v, `SELECT count(*)::int FROM audit_entry WHERE action = 'roadmap.report' AND after->>'rien_de_nouveau' = 'true'`); n != 2 {
		t.Errorf("%d journal entries, wanted 2", n)
	}
	v.Holds(v.Get(report.AllPath, 200), "Aucune action ne peut recevoir")
}

// Who may report, and on what.
func TestRights(t *testing.T) {
	t.Parallel()
	v := serve(t)
	idea, coming := "/mes-actions/"+id(v.w.Idea), "/mes-actions/"+id(v.w.Coming)
	v.Get(idea+"/point", 200) // Bègles proposed it
	for _, path := range []string{coming, "/mes-actions/999999999"} {
		v.Get(path+"/point", 404)
		v.Post(path+"/point", 404, "situation", "en-cours", "vu", "0", "campagne", "0", "remplace", "0")
		v.Post(path+"/brouillon", 404, "fait", "x")
		v.Get(path+"/points", 404)
	}
	v.Post(v.local+"/point", 400, "situation", "en-cours", "intrus", "x")
	v.sql(`UPDATE roadmap_action SET status = 'done', percent = 100 WHERE id = $1`, v.w.Shared)
	v.Get(v.shared+"/point", 409)
	v.Get(v.shared+"/points", 200)
	v.Actor = v.w.MayorPessac
	v.Get(idea+"/point", 404)
	v.Actor = access.Actor{}
	v.Get(v.local+"/point", 404)
	// The team writes for the metropole, or for an organisation of the action.
	v.Actor = v.w.Team
	v.Holds(v.Get(v.local+"/point", 200), "au nom de Bordeaux Métropole")
	pessac := "?pour=" + id(v.w.Pessac)
	v.Get(coming+"/point"+pessac, 404)
	v.Get(v.local+"/point?pour=x", 404)
	body := v.Get(v.local+"/point"+pessac, 200)
	v.Holds(body, "Vous écrivez au nom de Pessac")
	to := v.Post(v.local+"/point"+pessac, 303, fields(body, "situation", "en-cours", "fait", "Dit au téléphone")...)
	v.Holds(v.Get(to, 200), "Merci, le point de Pessac", "Le public lit dès maintenant")
	if n := count(v, `SELECT count(*)::int FROM audit_entry WHERE action = 'roadmap.report' AND after->>'saisi_par' LIKE 'Équipe%' AND after->>'organisation' = 'Pessac'`); n != 1 {
		t.Error("the journal does not say who wrote for Pessac")
	}
}

// Two delegates at once: the second sees both, then may replace. The draft comes back,
// even wrong, and goes when sent. The question of the team is answered.
func TestTwoAtOnceDraftAndReply(t *testing.T) {
	t.Parallel()
	v := serve(t)
	body := v.Get(v.local+"/point", 200)
	mine := fields(body, "situation", "en-cours", "avancement", "30", "fait", "Ma version")
	v.Holds(v.Post(v.local+"/brouillon", 200, append(mine, "legende", strings.Repeat("x", 600))...), "Brouillon enregistré à")
	v.Actor = v.w.DelegateBegles
	v.Lacks(v.Get(v.local+"/point", 200), "Ma version")
	v.Post(v.local+"/point", 303, fields(body, "situation", "en-cours", "avancement", "50", "fait", "Sa version")...)
	v.Actor = v.w.MayorBegles
	v.Holds(v.Get(v.local+"/point", 200), "Voici votre brouillon", "Ma version", "Effacer le brouillon")
	body = v.Post(v.local+"/point", 409, append(mine, "pourquoi", "Compté trop haut")...)
	v.Holds(body, "Un point vient d’être enregistré", "Sa version", "Ma version", "Envoyer à la place")
	v.Post(v.local+"/point", 303, fields(body, "situation", "en-cours", "avancement", "30", "fait", "Ma version", "pourquoi", "Compté trop haut")...)
	if n := count(v, `SELECT count(*)::int FROM progress_report r JOIN progress_report o ON o.id = r.replaces_id AND o.state = 'replaced' WHERE r.done = 'Ma version'`); n != 1 {
		t.Error("the second report did not replace the first")
	}
	// The draft of the last field leaves as the button is pressed: it comes after the report.
	v.Post(v.local+"/brouillon", 409, mine...)
	v.Holds(v.Post(v.local+"/point", 409, append(mine, "acte", "brouillon")...), "rechargez-la", "Ma version")
	v.Lacks(v.Get(v.local+"/point", 200), "Voici votre brouillon")
	v.Post(v.local+"/point", 303, fields(v.Get(v.local+"/point", 200), "situation", "rien", "fait", "", "acte", "brouillon", "suite", "À suivre")...)
	v.Holds(v.Get(v.local+"/point", 200), "Voici votre brouillon", "À suivre")
	v.Post(v.local+"/brouillon/abandon", 303)
	v.Lacks(v.Get(v.local+"/point", 200), "À suivre")
	// One that nobody took up again is forgotten after ninety days.
	v.Post(v.local+"/brouillon", 200, fields(v.Get(v.local+"/point", 200), "situation", "en-cours", "fait", "Encore")...)
	for _, c := range []struct{ days, left int }{{89, 1}, {91, 0}} {
		count(v, `WITH old AS (UPDATE report_draft SET saved_at = now() - make_interval(days => $1) RETURNING 1) SELECT count(*)::int FROM old`, c.days)
		if err := v.s.PruneDrafts(t.Context()); err != nil || count(v, `SELECT count(*)::int FROM report_draft`) != c.left {
			t.Errorf("drafts of %d days: %v", c.days, err)
		}
	}
	// A form whose session was over comes back as it was, and nothing is sent.
	v.Holds(v.Post(v.local+"/point", 200, append(mine, "_revoir", "1")...), "Votre session avait expiré", "Ma version")
	// The team asks for more: one tap does not answer; the reply takes its place.
	last := progress.ReportID(count(v, `SELECT max(id)::int FROM progress_report`))
	if _, err := progress.Settle(t.Context(), v.w.DB, v.w.Team, last, progress.AskedBack, "Combien de classes ?"); err != nil {
		t.Fatal(err)
	}
	v.Holds(v.Get("/mes-actions", 200), "Précision demandée", "Combien de classes", "Répondre")
	v.Post(v.local+"/rien-de-nouveau", 422, "vu", id(last))
	v.Holds(v.Get(v.local+"/points", 200), "Précision demandée", "Répondre")
	body = v.Get(v.local+"/point", 200)
	v.Holds(body, "demande une précision", "Combien de classes", "Ma version")
	v.Post(v.local+"/point", 303, fields(body, "situation", "en-cours", "avancement", "30", "fait", "Douze classes")...)
	var b postgres.Batch
	var m progress.Mine
	progress.AddMine(&b, &m, v.w.Begles)
	if err := b.Run(t.Context(), v.w.DB); err != nil || m.AskedBack != 0 || m.Campaign != 0 {
		t.Errorf("%+v, %v", m, err)
	}
}

// A photo goes with a report, is read by all once it is accepted, and stays when the
// report is changed.
func TestPhoto(t *testing.T) {
	t.Parallel()
	v := serve(t)
	v.campaign()
	body := v.Get(v.shared+"/point", 200)
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 60, 40)), nil); err != nil {
		t.Fatal(err)
	}
	send := func(caption, name string, content []byte) *httptest.ResponseRecorder {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		all := fields(body, "situation", "en-cours", "avancement", "50", "legende", caption)
		for i := 0; i+1 < len(all); i += 2 {
			_ = m.WriteField(all[i], all[i+1])
		}
		part, _ := m.CreateFormFile("photo", name)
		_, _ = part.Write(content)
		_ = m.Close()
		r := httptest.NewRequest("POST", v.shared+"/point", &b)
		r.Header.Set("Content-Type", m.FormDataContentType())
		return v.Do(r)
	}
	for _, x := range []struct {
		caption, name, content, want string
	}{{"", "IMG_1.jpg", photo.String(), "ce que montre la photo"}, {"La salle", "IMG_1.jpg", "rien", "abîmée"}, {"", "virus.exe", "MZ", "genre accepté"}} {
		if w := send(x.caption, x.name, []byte(x.content)); w.Code != 422 || !strings.Contains(w.Body.String(), x.want) || !strings.Contains(w.Body.String(), "Choisissez de nouveau") {
			t.Errorf("%s: %d, wanted %q", x.name, w.Code, x.want)
		}
	}
	if w := send("La salle de Bègles", "IMG_1.JPG", photo.Bytes()); w.Code != 303 {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	body = v.Get(v.shared+"/points", 200)
	v.Holds(body, `alt="La salle de Bègles"`)
	path := regexp.MustCompile(`/mes-actions/\d+/points/\d+/documents/[0-9a-f-]{36}`).FindString(body)
	public := strings.Replace(path, "/mes-actions/", "/feuille-de-route/actions/", 1)
	see := func(by access.Actor, path string, want int) *httptest.ResponseRecorder {
		t.Helper()
		v.Actor = by
		w := v.Do(httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s %s: %d, wanted %d", by.Name, path, w.Code, want)
		}
		return w
	}
	w := see(v.w.MayorBegles, path, 200)
	if h := w.Header(); h.Get("Content-Type") != "image/jpeg" || !strings.HasPrefix(h.Get("Content-Disposition"), "inline") || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%v", h)
	}
	see(v.w.MayorPessac, path, 404)
	see(access.Actor{}, public, 404)
	last := progress.ReportID(count(v, `SELECT max(id)::int FROM progress_report`))
	if _, err := progress.Settle(t.Context(), v.w.DB, v.w.Team, last, progress.Accepted, ""); err != nil {
		t.Fatal(err)
	}
	see(v.w.MayorPessac, path, 200)
	see(access.Actor{}, public, 200)
	see(access.Actor{}, strings.Replace(public, "/actions/"+id(v.w.Shared), "/actions/"+id(v.w.Local), 1), 404)
	v.Actor = v.w.MayorBegles
	body = v.Get(v.shared+"/point", 200)
	doc := path[len(path)-36:]
	v.Post(v.shared+"/point", 303, fields(body, "situation", "en-cours", "avancement", "60", "garder", doc)...)
	v.Holds(v.Get(v.shared+"/point", 200), "IMG_1.jpg\u00a0: La salle de Bègles")
	see(access.Actor{}, public, 404) // the report it went with was replaced
}
