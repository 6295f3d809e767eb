package web_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/demo"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/web/browsertest"
)

// turns moves n times in a group of radios with an arrow, and expects the choice.
func (y *typist) turns(group, arrow string, n int, choice string) {
	y.t.Helper()
	y.reach(group)
	for range n {
		y.keys++
		y.Press(arrow)
	}
	got := browsertest.Eval[string](y.Tab, `[...document.activeElement.labels].map(l => l.textContent).join(" ").replace(/[\s\u00a0\u202f]+/g, " ").trim()`)
	if !strings.HasPrefix(got, choice) || !browsertest.Eval[bool](y.Tab, `document.activeElement.checked`) {
		y.t.Fatalf("the arrows lead to « %s », want « %s »", got, choice)
	}
}

// thumb is somebody who holds their phone with one hand; what they tap and type is
// counted.
type thumb struct {
	*visitor
	taps, letters int
}

func (u *thumb) opens(link string)   { u.t.Helper(); u.taps++; u.follow(link) }
func (u *thumb) picks(choice string) { u.t.Helper(); u.taps++; u.tick(choice) }
func (u *thumb) presses(b string)    { u.t.Helper(); u.taps++; u.sends(b) }
func (u *thumb) says(label, s string) {
	u.t.Helper()
	u.taps++
	u.letters += len([]rune(s))
	u.write(label, s)
}
func (u *thumb) fits(what string) {
	u.t.Helper()
	if n := u.Overflow(); n > 0 {
		u.t.Errorf("%s is %d pixels too wide at 360", what, n)
	}
}

// round is a campaign of the team and of three communes.
type round struct {
	t        *testing.T
	site     *site
	box      *mailbox
	team     *visitor
	begles   *typist
	delegate *visitor
	pessac   *thumb
	id       int // of the campaign
	meeting  int
	help     int // the actions asked
	loans    int
	late     *visitor // Pessac, whose form is still open when the campaign closes
}

const (
	helpTitle   = "Permanences d’aide aux démarches dans les 28 communes"
	loanTitle   = "Prêt d’ordinateurs et de clés de connexion"
	beglesDone  = "Une permanence de plus le samedi à la médiathèque."
	beglesWoe   = "Il manque un agent le mercredi."
	pessacDone  = "La permanence de la gare a fermé pour travaux."
	pessacWhy   = "Un lieu sur deux est en travaux."
	askedBack   = "Combien d’ordinateurs sont prêtés aujourd’hui ?"
	beglesReply = "Douze ordinateurs sont prêtés."
	lateDone    = "Trois clés de connexion ont été prêtées."
)

// TestJourneyCampaign: the team asks the communes, three of which answer as they would,
// or do not; the pack joins the meeting.
func TestJourneyCampaign(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	s := newSite(t)
	script := browsertest.Options{Width: 360, Height: 740}
	j := &round{t: t, site: s, team: s.open(t, browsertest.Options{}), begles: &typist{visitor: s.open(t, phone)},
		delegate: s.open(t, script), pessac: &thumb{visitor: s.open(t, script)}, late: s.open(t, script)}
	for v, who := range map[*visitor]string{j.team: "equipe", j.delegate: "agent-begles", j.pessac.visitor: "maire-pessac", j.late: "maire-pessac"} {
		v.sit(s.signIn(t, who+"@example.org"))
	}
	j.prepare()
	j.box = s.deliverBySMTP(t)
	for _, step := range []struct {
		name string
		live func()
	}{
		{"the team opens", j.open}, {"Bègles by keyboard", j.keyboard}, {"Bègles, nothing new", j.nothingNew}, {"its delegate at once", j.twice},
		{"Pessac with a thumb", j.withThumb}, {"Cenon alone is reminded", j.remind}, {"the team reads", j.review}, {"Bègles replies", j.reply},
		{"closing", j.end}, {"too late", j.tooLate}, {"the meeting", j.agenda}, {"what the public reads", j.public},
	} {
		began := time.Now()
		step.live()
		t.Logf("%s: %s", step.name, time.Since(began).Round(10*time.Millisecond))
	}
}

// prepare sets what the campaign starts from: no other one, a meeting to come, and what
// was said last time.
func (j *round) prepare() {
	t, s := j.t, j.site
	for _, q := range []string{
		`DELETE FROM report_draft`,
		`INSERT INTO meeting (body, starts_at, ends_at, state, announced) VALUES ('communes', now() + interval '50 days', now() + interval '50 days 2 hours', 'draft', true)`,
		`INSERT INTO progress_report (action_id, organisation_id, situation, percent, state)
		 SELECT x.action_id, x.organisation_id, 'in_progress', 50, 'accepted' FROM action_commune x JOIN roadmap_action a ON a.id = x.action_id
		 WHERE a.title IN ('` + helpTitle + `', '` + loanTitle + `')`,
	} {
		if _, err := s.pool.Exec(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	j.meeting = s.count(t, `SELECT max(id)::int FROM meeting`)
	j.help = s.count(t, `SELECT id::int FROM roadmap_action WHERE title = $1`, helpTitle)
	j.loans = s.count(t, `SELECT id::int FROM roadmap_action WHERE title = $1`, loanTitle)
	open := s.count(t, `SELECT coalesce(max(id), 0)::int FROM campaign WHERE opened_at IS NOT NULL AND closed_at IS NULL`)
	if open != 0 { // one at a time: the team closes that of the demonstration
		b, page := s.signIn(t, "equipe@example.org"), fmt.Sprintf("/equipe/campagnes/%d/cloture", open)
		if a := b.post(page, b.filled(page, page, url.Values{})); a.status != http.StatusSeeOther {
			t.Fatalf("close the campaign in course: status %d\n%s", a.status, a.text())
		}
	}
}

// open: two actions are chosen, the mail is read before it leaves.
func (j *round) open() {
	t, v := j.t, j.team
	v.at("/equipe/campagnes")
	v.follow("Préparer une campagne")
	v.write("Titre", "Point d’hiver")
	v.Choose("#reunion", strconv.Itoa(j.meeting))
	v.write("Dernier jour des réponses", french.NumericDate(day.Today().AddDays(20)))
	v.sends("Tout décocher")
	for _, title := range []string{helpTitle, loanTitle} {
		v.tick(title)
	}
	v.sends("Enregistrer et vérifier")
	v.reads("28 communes", "35 questions sur 2 actions", "29 courriels", "Deux minutes suffisent")
	v.sends("Ouvrir la campagne")
	v.reads("La campagne est ouverte auprès de 28 communes", "0 commune a répondu sur 28")
	if _, err := fmt.Sscanf(v.path(), "/equipe/campagnes/%d", &j.id); err != nil {
		t.Fatal(err)
	}
	once(t, j.box.wait(t, "à mettre à jour", 29))
	for _, who := range []string{"maire-begles", "agent-begles"} {
		letterTo(t, j.box.about("Le point de Bègles"), who+"@example.org").says(t, "Deux minutes suffisent", "préparent la réunion du Comité des communes", j.site.URL+"/mes-actions")
	}
}

// keyboard: the mayor follows the link of the mail on a narrow screen, without script,
// signs in and reports on an action. All of it is counted.
func (j *round) keyboard() {
	y := j.begles
	began := time.Now()
	j.delegate.at(fmt.Sprintf("/mes-actions/%d/point", j.help)) // a colleague opens the page too
	y.at("/mes-actions")
	y.arrives()
	y.says("Adresse électronique", "maire-begles@example.org")
	y.says("Mot de passe", demo.Password)
	y.opens("Se connecter")
	signed := *y
	y.reads("Point d’hiver", "0 réponse sur 2")
	y.opens("Faire le point : " + helpTitle)
	y.reads("Toujours : En cours, 50 %")
	y.turns("Rien de nouveau", kb.ArrowDown, 2, "En cours")
	y.turns("50 %", kb.ArrowRight, 1, "60 %")
	y.says("Ce qui a avancé", beglesDone)
	y.says("Permanences ouvertes chaque semaine", "3")
	y.says("Ce qui bloque", beglesWoe)
	y.opens("Envoyer le point")
	y.reads("Merci", "En cours", "60 %", "1 réponse sur 2", "Action suivante : "+loanTitle)
	y.took = time.Since(began)
	hand, whole := y.human()
	_, before := signed.human()
	j.t.Logf("one report by keyboard, from the link of the mail: %d pages, %d keys, %d decisions, %d words shown; a person: %s, %s with reading, of which sign in %s; %s of the machine",
		y.pages, y.keys, y.choices, y.words, hand.Round(time.Second), whole.Round(time.Second), before.Round(time.Second), y.took.Round(100*time.Millisecond))
	if whole > 2*time.Minute {
		j.t.Errorf("a person would take %s, more than two minutes", whole)
	}
}

// nothingNew: one tap from the list.
func (j *round) nothingNew() {
	y := &typist{visitor: j.begles.visitor}
	y.at("/mes-actions")
	y.arrives()
	y.opens("Rien de nouveau : " + loanTitle)
	y.reads("« Rien de nouveau » est enregistré : En cours, 50 %.", "2 réponses sur 2")
	hand, whole := y.human()
	j.t.Logf("nothing new by keyboard: %d keys, %d decision; %s, %s with reading; one tap for a thumb", y.keys, y.choices, hand.Round(time.Second), whole.Round(time.Second))
	letterTo(j.t, j.box.wait(j.t, "Vos points d’avancement sont complets", 1), "maire-begles@example.org").says(j.t, "2 sur 2")
}

// twice: the delegate, whose page is older than the mayor's report, sees both and keeps
// the mayor's.
func (j *round) twice() {
	v := j.delegate
	v.write("Ce qui a avancé", "Rien encore, la médiathèque hésite.")
	if status := v.push("Envoyer le point"); status != http.StatusConflict {
		j.t.Fatalf("the second report: status %d\n%s", status, v.main())
	}
	v.reads(beglesDone, beglesWoe, "Envoyer à la place")
	if got := v.holds("Ce qui a avancé"); got != "Rien encore, la médiathèque hésite." {
		j.t.Errorf("the second report lost its text: %q", got)
	}
	v.clean(browsertest.Options{})
	if n := j.site.count(j.t, `SELECT count(*) FROM progress_report r JOIN organisation o ON o.id = r.organisation_id WHERE o.name = 'Bègles' AND r.campaign_id = $1`, j.id); n != 2 {
		j.t.Errorf("%d reports of Bègles, want the two of its mayor", n)
	}
}

// withThumb: the draft follows from one phone to another, less than last time is
// explained, the photo does not say where it was taken.
func (j *round) withThumb() {
	t, s, u := j.t, j.site, j.pessac
	u.at("/mes-actions")
	u.fits("the list")
	u.opens("Faire le point : " + helpTitle)
	u.fits("the report")
	u.says("Ce qui a avancé", pessacDone)
	u.picks("30 %")
	u.reads("Pourquoi l’avancement baisse")
	u.fits("the report that falls")
	until(t, "the draft is kept, the percent too", func() bool {
		return u.shows("Brouillon enregistré à") && s.count(t, `SELECT count(*) FROM report_draft WHERE fields @> '{"avancement": ["30"]}'`) == 1
	})
	elsewhere := s.open(t, browsertest.Options{Width: 360, Height: 740})
	elsewhere.sit(s.signIn(t, "maire-pessac@example.org"))
	elsewhere.at(fmt.Sprintf("/mes-actions/%d/point", j.help))
	elsewhere.reads("Voici votre brouillon")
	if got := elsewhere.holds("Ce qui a avancé"); got != pessacDone || !browsertest.Eval[bool](elsewhere.Tab, `document.querySelector("[name=avancement]:checked").value === "30"`) {
		t.Errorf("the draft came back as %q", got)
	}
	if status := elsewhere.push("Envoyer le point"); status != http.StatusUnprocessableEntity {
		t.Fatalf("less without a reason: status %d\n%s", status, elsewhere.main())
	}
	elsewhere.reads("L’avancement baisse : dites pourquoi en quelques mots.")
	elsewhere.clean(browsertest.Options{})
	u.says("Pourquoi l’avancement baisse", pessacWhy)
	u.says("Ce que montre la photo", "La porte fermée de la gare")
	file := filepath.Join(t.TempDir(), "gare.jpg")
	if err := os.WriteFile(file, phonePhoto(t), 0o600); err != nil {
		t.Fatal(err)
	}
	u.Upload("[name=photo]", file)
	u.taps += 2 // the field, the last photo
	u.presses("Envoyer le point")
	u.reads("Merci", "30 %", "1 réponse sur 2")
	u.fits("the thanks")
	t.Logf("a report with a thumb, with a photo and a fall: %d taps, %d letters", u.taps, u.letters)
	if n := s.count(t, `SELECT count(*) FROM report_draft d JOIN organisation o ON o.id = d.organisation_id WHERE o.name = 'Pessac'`); n != 0 {
		t.Errorf("%d drafts stay after they were sent", n)
	}
	u.at(fmt.Sprintf("/mes-actions/%d/points", j.help))
	photo := browsertest.Eval[string](u.Tab, `document.querySelector("main img[alt='La porte fermée de la gare']").getAttribute("src")`)
	a := j.site.signIn(t, "maire-pessac@example.org").get(photo)
	if a.status != http.StatusOK || !strings.HasPrefix(a.body, "\xff\xd8") || strings.Contains(a.body, "Exif") || strings.Contains(a.body, "2026:11:02") {
		t.Errorf("the photo: status %d, %d bytes, or it still says where it was taken", a.status, len(a.body))
	}
	if got := j.site.browser(t).get(photo).status; got != http.StatusNotFound && got != http.StatusSeeOther {
		t.Errorf("a photo nobody has read yet answers %d to the public", got)
	}
	j.late.at(fmt.Sprintf("/mes-actions/%d/point", j.loans))
	j.late.write("Ce qui a avancé", lateDone)
}

// phonePhoto is a JPEG as a phone writes it, with a place.
func phonePhoto(t testing.TB) []byte {
	t.Helper()
	var plain, tiff, b bytes.Buffer
	if err := jpeg.Encode(&plain, image.NewGray(image.Rect(0, 0, 640, 480)), nil); err != nil {
		t.Fatal(err)
	}
	tiff.WriteString("MM\x00\x2a\x00\x00\x00\x08")
	for _, x := range []any{uint16(1), uint16(0x8825), uint16(4), uint32(1), uint32(26), uint32(0), // the GPS block follows
		uint16(1), uint16(0x1d), uint16(2), uint32(11), uint32(44), uint32(0)} {
		_ = binary.Write(&tiff, binary.BigEndian, x) // to memory
	}
	tiff.WriteString("2026:11:02\x00")
	exif := "Exif\x00\x00" + tiff.String()
	b.Write(plain.Bytes()[:2])
	b.Write([]byte{0xff, 0xe1})
	_ = binary.Write(&b, binary.BigEndian, uint16(len(exif)+2)) //nolint:gosec // a hundred bytes
	b.WriteString(exif)
	b.Write(plain.Bytes()[2:])
	return b.Bytes()
}
