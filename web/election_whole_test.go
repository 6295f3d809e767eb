package web_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web"
)

// wholeElection is an election run by a program through the pages, as the people of the
// demonstration would: two of the team, three key holders, the chair, 160 structures.
type wholeElection struct {
	t               *testing.T
	s, other        *site
	public, desk    string // addresses
	id              election.ID
	team, team2     *browser
	chair           *browser
	keepers         [3]*browser
	keys            [3]belenios.PrivateKey
	areas           *web.Areas
	boxes           map[governance.College]wholeBox
	voters          []*wholeVoter
	refused, pulled int // structures whose candidacy was refused, withdrawn
}

// wholeBox is a box as everybody reads it.
type wholeBox struct {
	id       election.BoxID
	election *belenios.Election
}

// standing is how many candidates are on each ballot: one more than the seats.
const standing = 6

// TestWholeElection is election.md from the first page to the last: 160 structures, two
// instances of the portal. What is counted is what the program chose, anybody's program
// finds the same, and ten seats of the CMTIN are filled.
func TestWholeElection(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("160 ballots")
	}
	x := newWholeElection(t)
	x.prepare()
	x.lists()
	x.candidacies()
	x.seal()
	x.ceremony()
	x.open()
	during := x.vote()
	x.close()
	x.count()
	x.proclaim()
	x.anybodyVerifies(during)
}

func newWholeElection(t *testing.T) *wholeElection {
	t.Helper()
	s := newSite(t)
	// The vote of the demonstration is another one: its structures would vote in both.
	s.exec(t, `UPDATE election SET phase = 'cancelled', cancelled_reason = 'Essai' WHERE phase NOT IN ('proclaimed', 'archived', 'destroyed')`)
	areas, err := web.NewAreas(s.pool, testConfig(s.URL))
	if err != nil {
		t.Fatal(err)
	}
	x := &wholeElection{t: t, s: s, other: s.twin(t), areas: areas, boxes: map[governance.College]wholeBox{}}
	x.team, x.team2, x.chair = s.signIn(t, "equipe@example.org"), s.signIn(t, "equipe2@example.org"), s.signIn(t, "presidente@example.org")
	for i, name := range []string{"scrutatrice", "scrutateur2", "scrutatrice3"} {
		x.keepers[i] = s.signIn(t, name+"@example.org")
	}
	return x
}

// wait lets days pass. The clock of the database decides, and nobody sets it: the dates
// of the election go back instead, all of them by as much.
func (x *wholeElection) wait(days float64) {
	x.t.Helper()
	x.s.exec(x.t, `
		UPDATE election SET claims_until = claims_until - d.ago, candidacies_from = candidacies_from - d.ago, candidacies_until = candidacies_until - d.ago,
		       withdraw_until = withdraw_until - d.ago, opens_at = opens_at - d.ago, closes_at = closes_at - d.ago
		FROM (SELECT make_interval(secs => $2 * 86400) AS ago) d WHERE id = $1`, x.id, days)
}

func (x *wholeElection) phase(want election.Phase) {
	x.t.Helper()
	got, err := postgres.Value[string](x.t.Context(), x.s.pool, `SELECT phase FROM election WHERE id = $1`, x.id)
	if err != nil || got != string(want) {
		x.t.Fatalf("phase %s, want %s (%v)", got, want, err)
	}
}

// does sends the form that the page of the same address has.
func (x *wholeElection) does(b *browser, page string, written url.Values) string {
	x.t.Helper()
	return b.submits(page, page, written)
}

// prepare creates the election, its rules, dates and draws, and publishes.
func (x *wholeElection) prepare() {
	x.t.Helper()
	at := x.does(x.team, "/equipe/elections/nouvelle", url.Values{"titre": {"Élection entière"}})
	if _, err := fmt.Sscanf(at, "/equipe/elections/%d/dates", &x.id); err != nil {
		x.t.Fatalf("created: led to %q", at)
	}
	x.public, x.desk = fmt.Sprintf("/elections/%d", x.id), fmt.Sprintf("/equipe/elections/%d", x.id)
	dates := url.Values{}
	for name, days := range map[string]int{"claims_until": 11, "candidacies_from": 1, "candidacies_until": 20, "withdraw_until": 21, "opens_at": 25, "closes_at": 35} {
		dates.Set(name, french.NumericDate(day.Today().AddDays(days)))
		dates.Set(name+"_h", "12 h")
	}
	x.does(x.team, x.desk+"/dates", dates)
	x.does(x.team, x.desk+"/tirages", url.Values{"order_seed": {"4 8 15 16 23 42"}, "tie_source": {"Le tirage du loto du samedi qui suit la clôture"}})
	risk := url.Values{}
	for _, q := range election.RiskQuestions {
		risk.Set(q.Name, q.Options[1].Value)
	}
	x.does(x.team, x.desk+"/risque", risk)
	if a := x.s.browser(x.t).get(x.public); a.status != 404 {
		x.t.Errorf("a draft is shown: status %d", a.status)
	}
	x.does(x.team, x.desk+"/publication", nil)
	x.phase(election.Published)
	x.s.browser(x.t).get(x.public+"/reglement").reads(x.t, 200, "Chaque collège élit ses cinq représentants")
}

var claimLink = regexp.MustCompile(`/liste/reclamations/\d+`)

// lists shows the roll, and answers a claim on it.
func (x *wholeElection) lists() {
	x.t.Helper()
	x.does(x.team, x.desk+"/liste/ouverture", nil)
	x.phase(election.Roll)
	if n := x.s.count(x.t, `SELECT count(*)::int FROM election_roll WHERE election_id = $1`, x.id); n != 160 {
		x.t.Fatalf("%d structures on the roll", n)
	}
	about := x.s.column(x.t, `SELECT structure_id::text FROM election_roll WHERE election_id = $1 ORDER BY structure_id DESC LIMIT 1`, x.id)
	someone := x.s.signIn(x.t, "structure-003@example.org")
	x.does(someone, x.public+"/reclamations", url.Values{"objet": {"remove"}, "structure": about, "texte": {"Cette structure a fermé."}})
	claim := x.desk + claimLink.FindString(x.team.get(x.desk+"/liste").body)
	x.does(x.team, claim, url.Values{"decision": {"refuser"}, "reponse": {"Elle est toujours ouverte : nous l’avons appelée."}})
	someone.get(x.public+"/reclamations").reads(x.t, 200, "nous l’avons appelée")
}

// candidacies has structures of both colleges stand; one withdraws, one is refused.
func (x *wholeElection) candidacies() {
	x.t.Helper()
	x.wait(2) // the day the candidacies open is past
	x.does(x.team, x.desk+"/candidatures/ouverture", nil)
	x.phase(election.Candidacies)
	// Odd numbers are of action sociale (internal/demo): two more there.
	x.pulled, x.refused = 61, 63
	for n := 50; n < 50+2*standing; n++ {
		x.stands(n)
	}
	for _, n := range []int{x.pulled + 2, x.pulled + 4} {
		x.stands(n)
	}
	x.does(x.s.signIn(x.t, fmt.Sprintf("structure-%03d@example.org", x.pulled)), x.public+"/ma-candidature/retrait", nil)
	for _, row := range x.s.column(x.t, `
		SELECT c.id || ' ' || p.email FROM candidacy c JOIN person p ON p.id = c.submitted_by WHERE c.election_id = $1 AND c.state = 'submitted' ORDER BY c.id`, x.id) {
		id, email, _ := strings.Cut(row, " ")
		v := url.Values{"decision": {"accepter"}}
		if email == fmt.Sprintf("structure-%03d@example.org", x.refused) {
			v = url.Values{"decision": {"refuser"}, "motif": {"La personne suppléante n’est plus de la structure."}}
		}
		x.does(x.team, x.desk+"/candidatures/"+id, v)
	}
	body := x.s.browser(x.t).get(x.public + "/candidatures").body
	if strings.Contains(body, "Titulaire-050") {
		x.t.Error("a candidacy is shown before the lists are sealed")
	}
}

// stands files the candidacy of a structure.
func (x *wholeElection) stands(n int) {
	x.t.Helper()
	b := x.s.signIn(x.t, fmt.Sprintf("structure-%03d@example.org", n))
	v := url.Values{"profession": {"Nous voulons aller vers les habitants."}, "consentement": {"oui"}}
	for who, gender := range map[string]string{"titulaire": "f", "suppleant": "m"} {
		v.Set(who+"_prenom", "Camille")
		v.Set(who+"_nom", fmt.Sprintf("%s-%03d", french.Capital(who), n))
		v.Set(who+"_courriel", fmt.Sprintf("%s-%03d@example.org", who, n))
		v.Set(who+"_genre", gender)
	}
	if at := x.does(b, x.public+"/ma-candidature/saisie", v); at != x.public+"/ma-candidature/verification" {
		x.t.Fatalf("structure %d: led to %q", n, at)
	}
	x.does(b, x.public+"/ma-candidature/verification", nil)
}

// seal freezes the lists once their dates are past.
func (x *wholeElection) seal() {
	x.t.Helper()
	version := x.s.column(x.t, `SELECT version::text FROM election WHERE id = $1`, x.id)
	if a := x.team.post(x.desk+"/candidatures/arret", url.Values{"version": version}); a.status != 409 {
		x.t.Fatalf("sealed before the dates: status %d\n%s", a.status, a.text())
	}
	x.wait(20)
	x.does(x.team, x.desk+"/candidatures/arret", nil)
	x.phase(election.Sealed)
	x.s.browser(x.t).get(x.public+"/candidatures").reads(x.t, 200, "Titulaire-050", "4 8 15 16 23 42")
	for _, row := range x.s.column(x.t, `SELECT college || ' ' || count(*) || ' ' || (SELECT count(*) FROM candidacy c WHERE c.election_id = b.election_id AND c.college = b.college AND c.place IS NOT NULL)
		FROM ballot_box b JOIN emargement m ON m.box_id = b.id WHERE b.election_id = $1 GROUP BY b.id`, x.id) {
		if !strings.HasSuffix(row, fmt.Sprintf(" 80 %d", standing)) {
			x.t.Fatalf("college, structures, candidates: %s", row)
		}
	}
}

// ceremony makes keys and codes, rehearses, sets up and shows the boxes empty.
func (x *wholeElection) ceremony() {
	x.t.Helper()
	here := x.desk + "/ceremonie"
	v := url.Values{"autorite_nom": {"Alix Tiers"}, "autorite_qualite": {"déléguée à la protection des données"}, "autorite_courriel": {"alix@example.org"}}
	for i, name := range []string{"scrutatrice", "scrutateur2", "scrutatrice3"} {
		n := fmt.Sprint(i + 1)
		v["porteur_"+n] = x.s.column(x.t, `SELECT person_id::text FROM account WHERE email = $1`, name+"@example.org")
		v.Set("qualite_"+n, "bureau")
		v.Set("enveloppe_"+n, "coffre du service juridique")
	}
	x.does(x.team, here+"/porteurs", v)
	for i, k := range x.keepers {
		private, public, err := belenios.NewTrustee()
		if err != nil {
			x.t.Fatal(err)
		}
		x.keys[i] = private
		x.does(k, x.public+"/cle", url.Values{"cle_publique": {string(public.Raw())}, "gardee": {"oui"}})
	}
	x.codes(x.team.post(here+"/liste", x.team.filled(here+"/codes", here+"/liste", nil)).body)
	x.does(x.team, here+"/repetition", nil)
	rehearsal := x.s.column(x.t, `SELECT id::text FROM ballot_box WHERE election_id = $1 AND rehearsal ORDER BY id`, x.id)
	for i, k := range x.keepers {
		k.submits(x.public+"/cle", x.public+"/cle/repetition", x.opening(k, i, x.public+"/cle/repetition/", rehearsal))
	}
	x.does(x.team, here+"/mise-en-place", nil)
	x.does(x.team, here+"/urne-vide", nil)
	for _, k := range x.keepers {
		k.submits(x.public+"/cle", x.public+"/cle/constat", nil)
	}
	x.does(x.team, here+"/fin", nil)
	x.phase(election.Ready)
	for _, row := range x.s.column(x.t, `SELECT id || ' ' || college FROM ballot_box WHERE election_id = $1 AND NOT rehearsal`, x.id) {
		var b wholeBox
		var college governance.College
		_, err := fmt.Sscan(row, &b.id, &college)
		if err == nil {
			b.election, err = belenios.ParseElection([]byte(x.s.browser(x.t).get(fmt.Sprintf("%s/urne/%d/election.json", x.public, b.id)).body))
		}
		if err != nil {
			x.t.Fatal(err)
		}
		x.boxes[college] = b
	}
}

// codes plays the authority: the roll that left the portal, a code for each line, and
// the public codes back.
func (x *wholeElection) codes(roll string) {
	x.t.Helper()
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(roll, "\ufeff")))
	r.Comma = ';'
	lines, err := r.ReadAll()
	if err != nil || len(lines) != 161 {
		x.t.Fatalf("%d lines of roll: %v", len(lines), err)
	}
	x.voters = make([]*wholeVoter, 160)
	public := make([]string, 160)
	inPar(160, func(i int) {
		line := lines[i+1]
		v := &wholeVoter{email: line[6], code: belenios.NewCode(), uuid: line[4]}
		x.voters[i], public[i] = v, belenios.PublicCredential(v.code, v.uuid)
	})
	for _, row := range x.s.column(x.t, `SELECT id || ' ' || uuid || ' ' || college FROM ballot_box WHERE election_id = $1`, x.id) {
		var id, uuid, college string
		if _, err := fmt.Sscan(row, &id, &uuid, &college); err != nil {
			x.t.Fatal(err)
		}
		var list []string
		for i, v := range x.voters {
			if v.uuid == uuid {
				v.college, v.n = governance.College(college), len(list)
				list = append(list, public[i])
			}
		}
		form := x.team.filled(x.desk+"/ceremonie/codes", x.desk+"/ceremonie/codes", nil)
		a := x.team.post(x.desk+"/ceremonie/codes", url.Values{"_cle": form["_cle"], "urne": {id}, "liste_" + id: {string(belenios.CredentialsJSON(list))}})
		a.reads(x.t, 303)
	}
}

// opening is what a key holder's page makes from the files of boxes.
func (x *wholeElection) opening(b *browser, key int, files string, boxes []string) url.Values {
	x.t.Helper()
	v := url.Values{}
	for _, id := range boxes {
		e, err := belenios.ParseElection([]byte(b.get(files + id + "/election.json").body))
		if err != nil {
			x.t.Fatal(err)
		}
		var tally belenios.Tally
		if err := json.Unmarshal([]byte(b.get(files+id+"/somme.json").body), &tally); err != nil {
			x.t.Fatal(err)
		}
		raw, err := e.Decrypt(tally, x.keys[key])
		if err != nil {
			x.t.Fatal(err)
		}
		v.Set("ouverture_"+id, string(raw))
	}
	return v
}

var actLink = regexp.MustCompile(`/bureau/actes/\d+`)

// twoPeople has an act proposed by one and confirmed by another; the first cannot do both.
func (x *wholeElection) twoPeople(act, reason string, first, second *browser) {
	x.t.Helper()
	x.does(first, x.public+"/bureau/"+act, url.Values{"motif": {reason}})
	path := x.public + actLink.FindString(first.get(x.public+"/bureau").body)
	if a := first.post(path, url.Values{}); a.status == 303 {
		x.t.Fatalf("%s: one person proposed and confirmed", act)
	}
	x.does(second, path, nil)
}

// open opens the vote by two people, and its hour comes.
func (x *wholeElection) open() {
	x.t.Helper()
	x.twoPeople("ouverture", "", x.team, x.keepers[0])
	x.phase(election.Open)
	x.s.signIn(x.t, "structure-050@example.org").get(x.public+"/vote").reads(x.t, 200, "Le vote ouvre le")
	x.wait(4)
}

// inPar does n things on as many goroutines as two cores feed.
func inPar(n int, do func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range 4 {
		wg.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
