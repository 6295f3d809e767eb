package minutes

import (
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var updateGolden = flag.Bool("golden", false, "write testdata/assembly.md again")

func TestCompose(t *testing.T) {
	t.Parallel()
	opened, closed := day.Of(2026, time.November, 5).At(9, 5), day.Of(2026, time.November, 5).At(11, 50)
	of := func(item meeting.ItemID) Origin { return Origin{Item: item, Body: governance.CMTIN} }
	m := mat{
		Meeting: matMeeting{StartsAt: day.Of(2026, time.November, 5).At(9, 0), EndsAt: day.Of(2026, time.November, 5).At(12, 0),
			OpenedAt: &opened, ClosedAt: &closed, Place: "Salle du Conseil", Remote: true, Theme: "Santé & numérique", ChairPresent: true, NeedsChairAndState: true},
		Groups: []matGroup{
			{Name: "Maires des 28 communes", Total: 28, Present: 18, Remote: 2, Represented: 3, Proxies: 2, Excused: 2, Absent: 1},
			{Name: "Personnes invitées", Guests: true, Total: 1, Present: 1},
		},
		Points: []meeting.Item{
			{ID: 1, Number: "1", Title: "Accueil", Rapporteur: "La présidence"},
			{ID: 2, Number: "2", Title: "Actions 2027 *urgentes* <b>"},
			{ID: 3, Parent: 2, Number: "2.1", Title: "Prêt de matériel"},
			{ID: 4, Number: "3", Title: "Questions diverses", MovedTo: 9},
		},
		Record: Record{
			Notes: []Note{{Item: 1}, {Item: 2, Text: "Le budget est présenté.\n\n- un point\n- un autre\n"}},
			Decisions: []Decision{
				{Origin: of(2), Kind: KindDecision, Year: 2026, Number: 3, Title: "Programme 2027", Text: "Le programme est validé.\nIl est publié.",
					Outcome: Adopted, Method: Vote, For: new(24), Against: new(1), Abstentions: new(0)},
				{Origin: of(3), Kind: KindOpinion, Year: 2026, Number: 1, Title: "Prêt", Text: "Favorable au prêt.", Outcome: Favourable, Method: Consensus},
			},
			Positions: []Position{{Origin: of(0), Kind: KindRequest, Year: 2026, Number: 1, Title: "Crédits", Text: "Le CMTIN demande des crédits.", Addressee: "L’État"}},
			Actions:   []AskedAction{{Origin: of(3), What: "Écrire le cahier des charges", Owner: "Équipe métropolitaine", DueOn: day.Of(2027, time.January, 1)}},
		},
	}
	const golden = "testdata/assembly.md"
	got := compose(m) + "\n"
	if *updateGolden {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestAssembleNamesNobodyPresent reads everything from the database, with marks in
// every field.
func TestAssembleNamesNobodyPresent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const hostile = `<script>x</script>|*`
	d.exec(`UPDATE meeting SET place = $2, theme = $2 WHERE id = $1`, d.id, hostile)
	d.exec(`INSERT INTO attendance (convocation_id, meeting_id, status, source) VALUES ($1, $2, 'present', 'team')`, d.memberConv, d.id)
	item := d.number(`INSERT INTO agenda_item (meeting_id, position, title, kind, rapporteur) VALUES ($1, 1, $2, 'decision', $2) RETURNING id`, d.id, hostile)
	d.exec(`INSERT INTO item_note (item_id, meeting_id, text) VALUES ($1, $2, 'La note du point.')`, item, d.id)
	d.exec(`INSERT INTO decision (kind, meeting_id, item_id, body, year, number, title, text, outcome, method, votes_for, votes_against, abstentions)
		VALUES ('decision', $1, $2, 'cmtin', 2026, 4, $3, $3, 'adopted', 'vote', 12, 2, 1)`, d.id, item, hostile)
	d.exec(`INSERT INTO position_taken (kind, meeting_id, body, year, number, title, text, addressee) VALUES ('position', $1, 'cmtin', 2026, 1, $2, 'Texte', $2)`, d.id, hostile)
	d.exec(`INSERT INTO asked_action (meeting_id, item_id, what, owner, due_on) VALUES ($1, $2, $3, $3, '2027-02-01')`, d.id, item, hostile)
	got, err := d.s.Assemble(t.Context(), d.one, d.id)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`\<script\>x\</script\>\|\*`, "La note du point.", "**Décision CMTIN 2026-4**", "Adoptée par 12 voix pour, 2 contre et 1\u00a0abstention.",
		"| Partenaires institutionnels | 1 | 1 | 0 | 0 |", "**Prise de position CMTIN 2026-P1**", "avant le 1er février 2027", "# Autres décisions et demandes"} {
		if !strings.Contains(got, want) {
			t.Errorf("the assembly lacks %q:\n%s", want, got)
		}
	}
	for _, name := range []string{d.member.Name, d.chair.Name, "Claude Exemple"} {
		if strings.Contains(got, name) {
			t.Errorf("the assembly names %s", name)
		}
	}
	if _, err := d.s.Assemble(t.Context(), d.member, d.id); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("a member assembles: %v", err)
	}
	if _, err := d.s.Assemble(t.Context(), d.one, 999999); problem.KindOf(err) != problem.NotFound {
		t.Errorf("no meeting: %v", err)
	}
}
