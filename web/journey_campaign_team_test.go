package web_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/roadmap/campaign"
	"bordeaux-metropole.fr/portal/web/browsertest"
)

// desk is the page of the campaign.
func (j *round) desk() *visitor {
	j.team.at(fmt.Sprintf("/equipe/campagnes/%d", j.id))
	return j.team
}

// tile is what the map says of a commune.
func (j *round) tile(commune string) string {
	return browsertest.Eval[string](j.team.Tab, fmt.Sprintf(`[...document.querySelectorAll(".tiles a")].find(a => a.querySelector(".tile-name").textContent === %q).querySelector(".tile-value").textContent`, commune))
}

// remind: the other communes answered; Cenon alone did not.
func (j *round) remind() {
	t := j.t
	if _, err := j.site.pool.Exec(t.Context(), `
		INSERT INTO progress_report (action_id, organisation_id, campaign_id, situation, percent, state)
		SELECT q.action_id, q.organisation_id, q.campaign_id, 'in_progress', 60, 'accepted' FROM campaign_question q JOIN organisation o ON o.id = q.organisation_id
		WHERE q.campaign_id = $1 AND o.name NOT IN ('Bègles', 'Pessac', 'Cenon')`, j.id); err != nil {
		t.Fatal(err)
	}
	v := j.desk()
	v.reads("27 communes ont répondu sur 28", "2 points à relire") // nothing new needs no reading
	for commune, want := range map[string]string{"Bègles": "2/2", "Pessac": "1/2", "Cenon": "0/2"} {
		if got := j.tile(commune); got != want {
			t.Errorf("the map says %s of %s, want %s", got, commune, want)
		}
	}
	if n := browsertest.Eval[int](v.Tab, `document.querySelectorAll(".tiles a").length`); n != 28 {
		t.Errorf("%d tiles, want 28", n)
	}
	v.follow("Relancer les communes")
	v.reads("Rappel, le point de Cenon : 2 actions à mettre à jour")
	v.sends("Envoyer la relance")
	v.reads("1 commune est relancée.")
	letters := j.box.wait(t, "Rappel", 1)
	letterTo(t, letters, "maire-cenon@example.org").says(t, "Nous n’avons pas encore le point de votre commune")
	v.follow("Relancer les communes")
	v.reads("1 commune a déjà été relancée aujourd’hui", "Cenon")
	if n := len(j.box.about("Rappel")); n != 1 {
		t.Errorf("%d reminders, want that of Cenon", n)
	}
}

// review: the team accepts, asks back and corrects.
func (j *round) review() {
	t, v := j.t, j.desk()
	v.follow("Bègles, action n° " + strconv.Itoa(j.number(j.help)))
	v.reads("En cours, 50 %", "En cours, 60 %", beglesDone, beglesWoe)
	v.clean(browsertest.Options{})
	v.sends("Accepter ce point")
	v = j.desk()
	v.mark("tile", ".tiles a", "Bègles", "e => e")
	v.Submit(found)
	v.follow("Bègles, action n° " + strconv.Itoa(j.number(j.loans)))
	v.write("Ce que vous attendez", askedBack)
	v.sends("Demander une précision")
	v = j.desk()
	v.follow("Pessac, action n° " + strconv.Itoa(j.number(j.help)))
	v.reads(pessacDone, pessacWhy)
	if !browsertest.Eval[bool](v.Tab, `!!document.querySelector("main img[alt='La porte fermée de la gare']")?.naturalWidth`) {
		t.Error("the team accepts a photo that it does not see")
	}
	v.follow("Corriger ce point")
	v.Choose("#avancement", "40")
	v.write("Pourquoi cette correction", "La mairie annexe compte pour un lieu.")
	v.sends("Enregistrer la correction")
	letterTo(t, j.box.wait(t, "a été corrigé", 1), "maire-pessac@example.org").says(t, "La mairie annexe compte pour un lieu.", "Votre texte est conservé")
	letterTo(t, j.box.wait(t, "Une précision sur", 1), "maire-begles@example.org").says(t, askedBack)
	j.desk().reads("0 point à relire")
}

func (j *round) number(action int) int {
	return j.site.count(j.t, `SELECT number FROM roadmap_action WHERE id = $1`, action)
}

// reply: the mayor completes what is asked; the team accepts it with what has no
// difficulty.
func (j *round) reply() {
	t := j.t
	y := &typist{visitor: j.begles.visitor}
	y.at(letterTo(t, j.box.about("Une précision sur"), "maire-begles@example.org").landing(t, "/mes-actions/") + "/point")
	y.arrives()
	y.reads("L’équipe métropolitaine vous demande une précision.", askedBack)
	y.says("Ce qui a avancé", beglesReply)
	y.opens("Envoyer le point")
	y.reads("Merci", "2 réponses sur 2")
	hand, whole := y.human()
	t.Logf("a reply by keyboard: %d keys, %d decisions; %s, %s with reading", y.keys, y.choices, hand.Round(time.Second), whole.Round(time.Second))
	v := j.desk()
	v.follow("Accepter le point sans difficulté")
	v.reads(beglesReply)
	v.sends("Accepter ce point sans difficulté")
	v.reads("1 point est accepté.", "0 point à relire")
}

// end closes the campaign.
func (j *round) end() {
	v := j.desk()
	v.follow("Clore et faire le dossier")
	v.reads("27 communes sur 28", "1 commune n’a rien répondu", "Cenon", campaign.PointTitle)
	v.sends("Clore et faire le dossier")
	v.reads("La campagne est close et son dossier est fait.", "joint", "27/28", "32/35", beglesReply, pessacDone, "Sans réponse : Cenon")
	v.clean(browsertest.Options{})
}

// tooLate: what Pessac was writing is kept, and may be sent outside the campaign.
func (j *round) tooLate() {
	v := j.late
	if status := v.push("Envoyer le point"); status != http.StatusConflict {
		j.t.Fatalf("after the closing: status %d\n%s", status, v.main())
	}
	v.reads("La campagne est close", "Votre saisie est gardée")
	if got := v.holds("Ce qui a avancé"); got != lateDone {
		j.t.Errorf("what was written late came back as %q", got)
	}
	v.sends("Enregistrer hors campagne")
	v.reads("Merci")
	if n := j.site.count(j.t, `SELECT count(*) FROM progress_report WHERE done = $1 AND campaign_id IS NULL`, lateDone); n != 1 {
		j.t.Errorf("%d late reports outside the campaign, want one", n)
	}
}

// agenda: the members of the Comité des communes find the pack with the point.
func (j *round) agenda() {
	t, v := j.t, j.team
	v.at(fmt.Sprintf("/equipe/reunions/%d/ordre-du-jour", j.meeting))
	v.reads(campaign.PointTitle)
	v.at(fmt.Sprintf("/equipe/reunions/%d/documents", j.meeting))
	v.reads("Dossier d’avancement des communes (XLSX)")
	mayor := j.site.signIn(t, "maire-pessac@example.org")
	for _, ext := range []string{"", ".xlsx", ".csv"} {
		a := mayor.get(fmt.Sprintf("/campagnes/%d%s", j.id, ext))
		if a.status != http.StatusOK || ext != ".xlsx" && !strings.Contains(a.body, beglesReply) || ext == ".xlsx" && !strings.HasPrefix(a.body, "PK") {
			t.Errorf("the pack%s: status %d", ext, a.status)
		}
	}
	if n := j.site.count(t, `SELECT count(*) FROM meeting_document d JOIN agenda_item i ON i.id = d.item_id
		WHERE i.meeting_id = $1 AND i.title = $2 AND i.text LIKE '%27_communes ont répondu sur 28%' AND d.audience = 'members' AND d.title LIKE '%XLSX%'`,
		j.meeting, campaign.PointTitle); n != 1 {
		t.Errorf("%d spreadsheets with the point of the agenda", n)
	}
}

// public: what was accepted is read by everybody; what blocks, never.
func (j *round) public() {
	v := j.site.open(j.t, browsertest.Options{Width: 360, Height: 740})
	v.at(fmt.Sprintf("/feuille-de-route/actions/%d", j.help))
	v.reads("28 communes sont concernées", "Pessac", "40 %")
	v.readsNot(beglesWoe, pessacWhy, "Saintebrume")
	for page := 2; !v.shows(beglesDone) && page < 5; page++ {
		v.follow("Page suivante")
		v.readsNot(beglesWoe, pessacWhy, "Saintebrume")
	}
	v.reads(beglesDone)
	v.at(fmt.Sprintf("/feuille-de-route/actions/%d", j.loans))
	v.reads(beglesReply)
	v.readsNot(lateDone)
	if got := j.site.browser(j.t).get(fmt.Sprintf("/campagnes/%d", j.id)).status; got == http.StatusOK {
		j.t.Error("the public reads the pack")
	}
}
